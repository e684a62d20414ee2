"""The gateway's API: charges, mandates, refunds and set-up sessions under /v1, each write with an Idempotency-Key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from jalon.local.payment_sandbox import book, setups
from jalon.local.payment_sandbox.answers import shown
from jalon.local.payment_sandbox.book import ChargeRequest, Refusal
from jalon.local.payment_sandbox.events import event_body
from jalon.local.payment_sandbox.faults import Operation
from jalon.local.payment_sandbox.gateway import Begin, Finish, Gateway, Task, begin_nothing
from jalon.local.payment_sandbox.keys import fingerprint_of
from jalon.local.payment_sandbox.listing import Filters, listed, metadata_of

routes = APIRouter(prefix="/v1")
_LARGEST = 10**12


async def the_gateway(request: Request) -> Gateway:
    """The gateway that serves this request."""
    return cast(Gateway, request.app.state.gateway)


Here = Annotated[Gateway, Depends(the_gateway)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Metadata = Annotated[
    dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,40}$")], Annotated[str, Field(max_length=500)]],
    Field(max_length=30),
]
Minor = Annotated[int, Field(strict=True, gt=0, le=_LARGEST)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class ChargeBody(BaseModel):
    """`amount` is in minor units. Under a mandate the mandate's method is charged and `method` is only recorded."""

    model_config = ConfigDict(extra="forbid")
    amount: Minor
    currency: Currency
    method: Text
    mandate: Text | None = None
    metadata: Metadata = {}


class MandateBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    method: Text
    metadata: Metadata = {}


class RefundBody(BaseModel):
    """`amount` in minor units."""

    model_config = ConfigDict(extra="forbid")
    charge: Text
    amount: Minor
    currency: Currency
    metadata: Metadata = {}


class SetupBody(BaseModel):
    """`return_url` is where the browser comes back to; the session's id is written in the place of `{session}`."""

    model_config = ConfigDict(extra="forbid")
    return_url: Annotated[str, Field(pattern=r"^https?://", max_length=2000)]
    language: Literal["en", "fr"] = "en"
    metadata: Metadata = {}


class EmptyBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Call:
    """The headers of a write. `at` is the instant of the caller's clock."""

    gateway: Gateway
    key: str
    at: str
    path: str
    base_url: str

    async def perform(
        self,
        operation: Operation,
        kind: str,
        body: BaseModel,
        metadata: Mapping[str, str],
        finish: Finish,
        begin: Begin = begin_nothing,
    ) -> JSONResponse:
        """Performs the operation and answers. Faults are matched by `metadata`."""
        fingerprint = fingerprint_of(self.path, body.model_dump())
        task = Task(operation, kind, self.key, fingerprint, metadata, self.base_url, finish, begin)
        answer = await self.gateway.perform(task)
        headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
        return JSONResponse(answer.body, answer.status, headers)

    def metadata_of(self, kind: str, reference: str) -> dict[str, str]:
        """The metadata of the object that the request refers to. Raises Refusal where there is no such object."""
        found = self.gateway.ledger.read(lambda tx: book.row(tx, kind, reference))
        return cast(dict[str, str], json.loads(found["metadata"]))


async def the_call(
    request: Request,
    gateway: Here,
    key: Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255)],
    at: Annotated[AwareDatetime | None, Header(alias="Sandbox-Time")] = None,
) -> Call:
    """The headers of a write. Without Sandbox-Time, `at` is the present instant."""
    return Call(gateway, key, utc(at or datetime.now(UTC)), request.url.path, base_url(request))


Calling = Annotated[Call, Depends(the_call)]


@routes.post("/charges")
async def charge(body: ChargeBody, call: Calling) -> JSONResponse:
    asked = ChargeRequest(body.amount, body.currency, body.method, body.mandate, body.metadata, call.at)
    return await call.perform(
        Operation.CHARGE,
        "charge",
        body,
        body.metadata,
        begin=lambda tx: book.begin_charge(tx, asked),
        finish=book.decide_charge,
    )


@routes.post("/charges/{reference}/cancel")
async def cancel(reference: str, body: EmptyBody, call: Calling) -> JSONResponse:
    return await call.perform(
        Operation.CANCEL,
        "charge",
        body,
        call.metadata_of("charge", reference),
        finish=lambda tx, _, __: book.cancel_charge(tx, reference),
    )


@routes.post("/mandates")
async def store_mandate(body: MandateBody, call: Calling) -> JSONResponse:
    return await call.perform(
        Operation.STORE_MANDATE,
        "mandate",
        body,
        body.metadata,
        finish=lambda tx, _, forced: book.store_mandate(tx, body.method, body.metadata, call.at, forced),
    )


@routes.post("/mandates/{reference}/release")
async def release_mandate(reference: str, body: EmptyBody, call: Calling) -> JSONResponse:
    return await call.perform(
        Operation.RELEASE_MANDATE,
        "mandate",
        body,
        call.metadata_of("mandate", reference),
        finish=lambda tx, _, __: book.release_mandate(tx, reference, call.at),
    )


@routes.post("/refunds")
async def refund(body: RefundBody, call: Calling) -> JSONResponse:
    asked = (body.charge, body.amount, body.currency, body.metadata, call.at)
    return await call.perform(
        Operation.REFUND,
        "refund",
        body,
        {**call.metadata_of("charge", body.charge), **body.metadata},
        finish=lambda tx, _, forced: book.refund(tx, *asked, forced),
    )


@routes.post("/setups")
async def begin_setup(body: SetupBody, call: Calling) -> JSONResponse:
    asked = (body.return_url, body.language, body.metadata, call.at)
    return await call.perform(
        Operation.SETUP,
        "setup",
        body,
        body.metadata,
        finish=lambda tx, _, __: setups.begin(tx, *asked),
    )


@routes.get("/{plural}")
async def listing(
    plural: str,
    request: Request,
    gateway: Here,
    since: AwareDatetime | None = None,
    status: str | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> JSONResponse:
    """`charges`, `mandates`, `refunds`, `setups` or `events`, oldest first; `next` is the `after` of the next page."""
    kind = _kind_of(plural)
    if kind == "event" and status is not None:
        raise Refusal("invalid_request", "events have no status")
    filters = Filters(utc(since) if since else None, status, after, metadata_of(request.query_params), limit)
    rows, following = gateway.ledger.read(lambda tx: listed(tx, kind, filters))
    base = base_url(request)
    data = [event_body(row) if kind == "event" else shown(kind, row, base) for row in rows]
    return JSONResponse({"data": data, "next": following})


@routes.get("/{plural}/{reference}")
async def read(plural: str, reference: str, request: Request, gateway: Here) -> JSONResponse:
    kind = _kind_of(plural)
    row = gateway.ledger.read(lambda tx: book.row(tx, kind, reference))
    return JSONResponse(event_body(row) if kind == "event" else shown(kind, row, base_url(request)))


def utc(instant: datetime) -> str:
    """The format of an instant in the ledger; it sorts as text."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def base_url(request: Request) -> str:
    """The base URL of this request."""
    return str(request.base_url).rstrip("/")


def _kind_of(plural: str) -> str:
    if plural not in ("charges", "mandates", "refunds", "setups", "events"):
        raise Refusal("not_found", f'there is no "{plural}" here', 404)
    return plural.removesuffix("s")
