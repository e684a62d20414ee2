"""The answer to a write: the present entity, 202 while Temporal cannot be reached, or the refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from fastapi.responses import JSONResponse
from pydantic import Field

from api.http.answers import Answer, where_known
from api.http.errors import refusal
from api.http.writing import violations_of
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.inbox.caller import Caller
from jalon.inbox.submission import Submission
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.people.parties import Party

Shown = TypeVar("Shown")
Show = Callable[[Mapping[str, Any], Mapping[str, Party], str, Mapping[str, Any] | None], Shown]
"""Makes an answer of a stored view: with the people it refers to, for a role, and with the result of the write."""

RETRY_AFTER = {"Retry-After": "2"}


class Deferred(Answer):
    """A write that is recorded and not yet delivered; `status_url` returns its outcome.

    `entity` is what it is about, also named `order` or `subscription`.
    """

    request_id: str
    state: Literal["pending"]
    entity: str
    order: str | None = where_known()
    subscription: str | None = where_known()
    received_at: datetime
    status_url: str = Field(examples=["/v1/requests/req_01k0000000000000000000000"])


def written(submission: Submission, caller: Caller, show: Show[Shown]) -> Shown | JSONResponse:
    """The entity after the write, with the command's own result; 202 for a deferred write. Raises the refusal."""
    receipt = submission.receipt
    if receipt.deferred:
        return _deferred(receipt)
    if receipt.state == "refused":
        raise refusal((receipt.outcome or {}).get("status", HTTPStatus.CONFLICT), violations_of(receipt))
    return show(receipt.view or {}, submission.people, caller.role, receipt.outcome)


def _deferred(receipt: Receipt) -> JSONResponse:
    url = f"/v1/requests/{receipt.id}"
    answer = Deferred(
        request_id=receipt.id,
        state="pending",
        entity=receipt.entity,
        order=receipt.entity if receipt.kind == ORDER.name else None,
        subscription=receipt.entity if receipt.kind == SUBSCRIPTION.name else None,
        received_at=receipt.received_at,
        status_url=url,
    )
    headers = {"Location": url} | RETRY_AFTER
    return JSONResponse(answer.model_dump(mode="json"), HTTPStatus.ACCEPTED, headers=headers)
