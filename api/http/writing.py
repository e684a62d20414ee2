"""Reads the request of a write, and the violations that refused its receipt."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header
from starlette.requests import Request

from api.http.dependencies import TheResources
from api.http.errors import Problem, not_found
from api.http.json_bodies import canonical
from api.http.request_context import context_of
from jalon.domain.error_codes import ErrorCode, read_code
from jalon.domain.kinds import Kind
from jalon.domain.violations import Violation
from jalon.inbox.submission import Submitter
from jalon.inbox.writes import IdempotentRequest, Target
from jalon.persistence.inbox.receipts import Receipt

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Kept 30 days: same key and request, same answer; same key, other request, 422. Blanks and the order of keys in "
        "the body do not count.",
    ),
]

FINGERPRINT_VERSION = b"2"
"""The way in which two requests are compared. A stored fingerprint of another version matches no request."""

# The fields of a placement are flat; the body of a request nests them.
_POINTERS = {
    "/payment_kind": "/payment_method/kind",
    "/payment_method": "/payment_method/token",
    "/billing_country": "/billing_address/country",
}


async def idempotent_request(
    request: Request, resources: TheResources, idempotency_key: IdempotencyKey
) -> IdempotentRequest:
    """The write as it was sent. Raises Problem for two keys.

    The fingerprint compares method, path, query and the value of the body. It is keyed, so that it reveals nothing of the body.
    """
    if len(request.headers.getlist("Idempotency-Key")) > 1:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            ErrorCode.IDEMPOTENCY_KEY_INVALID,
            "Send one Idempotency-Key; this request holds two.",
            rule="T15",
        )
    fingerprint = resources.vault.fingerprint(
        FINGERPRINT_VERSION,
        request.method.encode(),
        request.url.path.encode(),
        request.url.query.encode(),
        canonical(await request.body()),
    )
    return IdempotentRequest(idempotency_key, fingerprint, context_of(request.scope))


def submitter_of(request: Request) -> Submitter:
    """The submitter of this process."""
    found: Submitter = request.app.state.submitter
    return found


Idempotent = Annotated[IdempotentRequest, Depends(idempotent_request)]
TheSubmitter = Annotated[Submitter, Depends(submitter_of)]


def existing(kind: Kind[Any], entity: str) -> Target:
    """The target for an existing entity of this kind. Raises Problem for an id of another kind."""
    if not kind.is_id(entity):
        raise not_found(f"No {kind.name}")
    return Target(kind.name, entity)


def violations_of(receipt: Receipt) -> list[Violation]:
    """The violations that refused the receipt, with pointers into the request that was sent."""
    pointers = _POINTERS if receipt.command == "place" else {}
    return [
        Violation(
            read_code(each["code"]),
            each["message"],
            pointers.get(each["pointer"], each["pointer"]),
            each["rule"],
        )
        for each in (receipt.outcome or {}).get("violations", ())
    ]
