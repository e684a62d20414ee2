"""The status codes that routes answer, with their headers, for the interface's description."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from api.http.answers import ProblemDetails
from api.v1.writes import Deferred

Responses = dict[int | str, dict[str, Any]]
Header = dict[str, Any]

SCHEMAS: Final = "#/components/schemas/"
PROBLEM: Final = "application/problem+json"


def _header(description: str, schema: Mapping[str, Any], *, required: bool = False) -> Header:
    return {"description": description, "required": required, "schema": dict(schema)}


_SECONDS = {"type": "integer", "minimum": 0}
_WAIT = "After so many seconds the same request may be sent again."
_RETRY_AFTER = {"Retry-After": _header(_WAIT, _SECONDS)}
_RETRY_AFTER_ALWAYS = {"Retry-After": _header(_WAIT, _SECONDS, required=True)}

_PROBLEMS: Mapping[int, tuple[str, dict[str, Header]]] = {
    HTTPStatus.BAD_REQUEST: ("The request cannot be read, or a write has no Idempotency-Key.", {}),
    HTTPStatus.UNAUTHORIZED: (
        "The key is missing or not valid.",
        {
            "WWW-Authenticate": _header(
                "How to sign in.", {"type": "string", "const": "Bearer"}, required=True
            )
        },
    ),
    HTTPStatus.FORBIDDEN: ("The key's role may not do this; the detail names the roles that may.", {}),
    HTTPStatus.NOT_FOUND: ("Nothing with this id can be seen with the key.", {}),
    HTTPStatus.CONFLICT: (
        "The state of things does not allow it, or the first request with the same Idempotency-Key is still open.",
        _RETRY_AFTER,
    ),
    HTTPStatus.REQUEST_TIMEOUT: ("The body did not come whole in time; nothing was recorded.", {}),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("The body is larger than 64 KiB.", {}),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("The body is not sent as JSON, or it is compressed.", {}),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "Fields or query parameters do not fit or break a rule; each is in `violations` with its way out.",
        {},
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Something went wrong on our side; nothing is done twice.", {}),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "The request could not be recorded; the same request with the same Idempotency-Key may be sent again.",
        _RETRY_AFTER,
    ),
}


def problems(*statuses: int) -> Responses:
    """These status codes, each answered with a problem."""
    return {
        int(status): {
            "description": _PROBLEMS[status][0],
            "content": {PROBLEM: {"schema": {"$ref": f"{SCHEMAS}{ProblemDetails.__name__}"}}},
            "headers": _PROBLEMS[status][1],
        }
        for status in statuses
    }


ANYBODY: Final = problems(400, 500, 503)
LIST: Final = ANYBODY | problems(401, 403, 422)
SEARCH: Final = LIST | problems(408, 413, 415)
"""A search by a body, which records nothing."""
LIST_IN_STORE: Final = LIST | problems(404)
READ: Final = LIST_IN_STORE | problems(409)
"""409 where the opening of the entity is recorded and not applied yet."""
WRITE_HERE: Final = READ | problems(408, 413, 415)
"""A write without a workflow: it has taken effect when it is answered."""
WRITE: Final[Responses] = WRITE_HERE | {
    202: {
        "model": Deferred,
        "description": "Recorded, and delivered later: the engine could not be reached, or has not answered yet.",
        "headers": {
            "Location": _header("Where to ask what became of it.", {"type": "string"}, required=True),
            **_RETRY_AFTER_ALWAYS,
        },
    }
}


def also(description: str, model: Any, *, location: bool = False) -> dict[str, Any]:
    """A second response for success. With `location`, its headers name where to ask again and when."""
    where = {"Location": _header("Where to ask again.", {"type": "string"}, required=True)}
    headers = where | _RETRY_AFTER_ALWAYS if location else {}
    return {"model": model, "description": description, "headers": headers}


def with_retry(description: str) -> dict[str, Any]:
    """A response for success with a Retry-After header, while the caller has a reason to ask again."""
    return {"description": description, "headers": _RETRY_AFTER}
