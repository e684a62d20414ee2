"""The two ends of every write: how its request is read, and how its receipt is answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header
from fastapi.responses import JSONResponse
from starlette.requests import Request

from api.http.dependencies import TheResources
from api.http.errors import not_found, refusal
from api.http.rendering import rendered
from api.http.request_context import context_of
from jalon.domain.error_codes import read_code
from jalon.domain.kinds import KINDS
from jalon.domain.violations import Violation
from jalon.inbox.caller import Caller
from jalon.inbox.submission import IdempotentRequest, Submission, Submitter, Target
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

# A placement names its facts flatly; the body of a request nests them.
_POINTERS = {
    "/payment_kind": "/payment_method/kind",
    "/payment_method": "/payment_method/token",
    "/billing_country": "/billing_address/country",
}


async def idempotent_request(
    request: Request, resources: TheResources, idempotency_key: IdempotencyKey
) -> IdempotentRequest:
    """The write as it was sent; its fingerprint is keyed, so that it tells nothing of the body."""
    body = await request.body()
    fingerprint = resources.vault.fingerprint(request.method.encode(), request.url.path.encode(), body)
    return IdempotentRequest(idempotency_key, fingerprint, context_of(request.scope))


def submitter_of(request: Request) -> Submitter:
    """The submitter of this process."""
    found: Submitter = request.app.state.submitter
    return found


Idempotent = Annotated[IdempotentRequest, Depends(idempotent_request)]
TheSubmitter = Annotated[Submitter, Depends(submitter_of)]


def existing(kind: str, entity: str) -> Target:
    """The order or subscription with this id. Raises Problem for an id of something else."""
    if not KINDS.named(kind).is_id(entity):
        raise not_found(f"No {kind}")
    return Target(kind, entity)


def violations_of(receipt: Receipt) -> list[Violation]:
    """What refused the receipt, with pointers into the request that was sent."""
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


def answer(submission: Submission, caller: Caller, status: HTTPStatus = HTTPStatus.OK) -> JSONResponse:
    """The entity as the write left it, with the command's own `result`; 202 for a deferred one. Raises the refusal."""
    receipt = submission.receipt
    if receipt.deferred:
        return deferred(receipt)
    if receipt.state == "refused":
        raise refusal((receipt.outcome or {}).get("status", HTTPStatus.CONFLICT), violations_of(receipt))
    view = rendered(receipt.view or {}, submission.people, caller.role)
    return JSONResponse(view | {"result": receipt.outcome}, status)


def deferred(receipt: Receipt) -> JSONResponse:
    """Recorded, and on its way: the engine could not be reached, or has not answered yet."""
    url = f"/v1/requests/{receipt.id}"
    body: dict[str, Any] = {
        "request_id": receipt.id,
        "state": "pending",
        receipt.kind: receipt.entity,
        "received_at": receipt.received_at.isoformat(),
        "status_url": url,
    }
    return JSONResponse(body, HTTPStatus.ACCEPTED, headers={"Location": url, "Retry-After": "2"})
