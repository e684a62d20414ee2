"""Control endpoints for tests: faults, forgotten keys and webhooks. No real gateway has them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, model_validator

from jalon.local.payment_sandbox.api import Here
from jalon.local.payment_sandbox.faults import Kind, Operation
from jalon.local.payment_sandbox.listener import Listener
from jalon.local.payment_sandbox.listing import metadata_of
from jalon.local.payment_sandbox.webhooks import Address

routes = APIRouter(prefix="/_control")

Seconds = Annotated[float, Field(gt=0, le=3600)]


class FaultBody(BaseModel):
    """A fault to add. See docs/payments-sandbox.md."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind | Literal["unreachable"]
    count: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    match: dict[str, str] = {}
    operation: Operation | None = None
    seconds: Seconds | None = None
    after_commit: bool = False
    code: str | None = None

    @model_validator(mode="after")
    def _possible(self) -> FaultBody:
        if self.kind == "unreachable" and (self.match or self.operation or self.count != 1):
            raise ValueError(
                "a closed door can't choose: unreachable takes seconds, not match, operation or count"
            )
        if self.after_commit and self.kind is not Kind.STORED_500:
            raise ValueError("after_commit belongs to stored_500")
        return self


class KeysBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: str | None = None


class WebhooksBody(BaseModel):
    """The target of events. With `url` null no event is sent."""

    model_config = ConfigDict(extra="forbid")
    url: HttpUrl | None
    secret: Annotated[str, Field(pattern=r"^whsec_[A-Za-z0-9+/]+=*$")] | None = None
    duplicates: Annotated[int, Field(ge=0, le=100)] = 0
    reorder: bool = False

    @model_validator(mode="after")
    def _signed(self) -> WebhooksBody:
        if self.url is not None and self.secret is None:
            raise ValueError("webhooks are signed: a url needs a secret")
        return self


@routes.post("/faults", status_code=201)
async def order_fault(body: FaultBody, request: Request, gateway: Here) -> dict[str, Any]:
    if body.kind == "unreachable":
        listener: Listener = request.app.state.listener
        seconds = body.seconds or 2.0
        listener.close_for(seconds)
        return {"kind": body.kind, "seconds": seconds}
    fault = gateway.faults.order(
        body.kind,
        count=body.count,
        match=body.match,
        operation=body.operation,
        seconds=body.seconds or 30.0,
        after_commit=body.after_commit,
        code=body.code,
    )
    return asdict(fault)


@routes.get("/faults")
async def faults(gateway: Here) -> dict[str, Any]:
    return {"data": [asdict(fault) for fault in gateway.faults.ordered]}


@routes.delete("/faults", status_code=204)
async def clear_faults(gateway: Here) -> None:
    gateway.faults.clear()


@routes.post("/expire-keys")
async def expire_keys(gateway: Here, body: KeysBody | None = None) -> dict[str, int]:
    """Forgets all idempotency keys, or one, as a gateway does after a day."""
    key = body.key if body else None
    return {"expired": await gateway.ledger.write(lambda tx: gateway.keys.forget(tx, key))}


@routes.put("/webhooks")
async def send_webhooks(body: WebhooksBody, gateway: Here) -> dict[str, Any]:
    address = None
    if body.url is not None and body.secret is not None:
        address = Address(str(body.url), body.secret, body.duplicates, body.reorder)
    await gateway.webhooks.send_to(address)
    return _webhooks(address, 0)


@routes.get("/webhooks")
async def webhooks(request: Request, gateway: Here) -> dict[str, Any]:
    """The target of events, and the number of undelivered ones, of those with the given metadata."""
    return _webhooks(
        gateway.webhooks.address(), gateway.webhooks.outstanding(metadata_of(request.query_params))
    )


def _webhooks(address: Address | None, outstanding: int) -> dict[str, Any]:
    return {
        "url": address.url if address else None,
        "duplicates": address.duplicates if address else 0,
        "reorder": address.reorder if address else False,
        "outstanding": outstanding,
    }
