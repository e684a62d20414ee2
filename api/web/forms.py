"""Forms of pages, as browsers post them: each field once, and a nonce under which the form takes effect once."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from api.http.errors import Problem
from api.http.request_context import context_of
from api.http.resources import resources_of
from jalon.domain.error_codes import ErrorCode
from jalon.inbox.writes import IdempotentRequest

FIELDS_AT_MOST = 50
FROM_THE_PAGE = frozenset({"same-origin", "none"})
UNTOLD = "null"
"""The origin that a browser names for a form of a page that sends no referrer."""
OUT_OF_DATE = "This form was not sent by its page. Open the page again and send it from there."


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a posted form."""

    fields: dict[str, str]
    idempotent_request: IdempotentRequest


async def read_fields(request: Request, at_most: int = FIELDS_AT_MOST) -> dict[str, str]:
    """The fields of a posted form, so many at most. Raises Problem where the form cannot be read, or a field comes twice."""
    try:
        pairs = parse_qsl(
            (await request.body()).decode(),
            keep_blank_values=True,
            max_num_fields=at_most,
            errors="strict",
        )
    except (UnicodeDecodeError, ValueError):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            ErrorCode.UNREADABLE_REQUEST,
            "The form cannot be read. Open the link again and send it from its page.",
        ) from None
    fields = dict(pairs)
    if len(fields) < len(pairs) or any("\x00" in part for pair in pairs for part in pair):
        raise out_of_date()
    return fields


async def read_form(request: Request, at_most: int = FIELDS_AT_MOST) -> Sent:
    """The form and its nonce, the idempotency key under which the form takes effect once.

    Raises Problem without a nonce, and where a field comes twice.
    """
    fields = await read_fields(request, at_most)
    nonce = fields.get("nonce", "")
    if not nonce.isascii() or not nonce.isalnum():
        raise out_of_date()
    sent = json.dumps(sorted(fields.items())).encode()
    fingerprint = resources_of(request).vault.fingerprint(b"POST", request.url.path.encode(), sent)
    return Sent(fields, IdempotentRequest(nonce[:255], fingerprint, context_of(request.scope)))


def out_of_date() -> Problem:
    """The problem of a form that no page of ours sent as it stands."""
    return Problem(HTTPStatus.BAD_REQUEST, ErrorCode.FORM_OUT_OF_DATE, OUT_OF_DATE)


def check_origin(request: Request) -> None:
    """Refuses a form that another site sent with the cookie of ours. Raises Problem.

    A browser names where a form comes from; one that names nothing sends our cookie to nobody else's forms, since it is SameSite. Our pages
    send no referrer, so that the origin of their forms is "null": the site is then what tells.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = {urlsplit(str(resources_of(request).settings.public_url)).netloc, request.url.netloc}
    foreign = origin is not None and _host_of(origin) not in ours
    if foreign and origin == UNTOLD and site in FROM_THE_PAGE:
        foreign = False
    if (site is not None and site not in FROM_THE_PAGE) or foreign:
        raise out_of_date()


def _host_of(origin: str) -> str | None:
    """The host and port of an origin; None for a text that is none, as no browser sends it."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def new_nonce() -> str:
    """A new nonce for one rendering of a form."""
    return secrets.token_hex(16)
