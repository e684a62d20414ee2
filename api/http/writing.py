"""Reads the request of a write, and the violations that refused its receipt."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header
from starlette.requests import Request

from api.http.dependencies import TheResources
from api.http.errors import not_found
from api.http.request_context import context_of
from jalon.domain.error_codes import read_code
from jalon.domain.kinds import Kind
from jalon.domain.violations import Violation
from jalon.inbox.submission import IdempotentRequest, Submitter, Target
from jalon.persistence.inbox.receipts import Receipt

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Kept 30 days: same key and body, same answer; same key, other body, 422.",
    ),
]

# The fields of a placement are flat; the body of a request nests them.
_POINTERS = {
    "/payment_kind": "/payment_method/kind",
    "/payment_method": "/payment_method/token",
    "/billing_country": "/billing_address/country",
}


async def idempotent_request(
    request: Request, resources: TheResources, idempotency_key: IdempotencyKey
) -> IdempotentRequest:
    """The write as it was sent. Its fingerprint is keyed, so that the fingerprint reveals nothing of the body."""
    body = await request.body()
    fingerprint = resources.vault.fingerprint(request.method.encode(), request.url.path.encode(), body)
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
