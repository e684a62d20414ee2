"""Webhooks of payment providers. An event is a hint: it is verified, stored as received, acknowledged, and then looked up."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import TheResources
from api.http.errors import Problem, not_found
from api.http.json_bodies import StrictRoute
from api.http.request_context import context_of
from api.http.resources import ApiResources
from api.http.writing import TheSubmitter, existing
from api.v1.responses import ANYBODY, problems
from api.v1.webhooks.answers import Heard
from api.v1.webhooks.sessions import take_card
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import KINDS, ORDER, Kind
from jalon.inbox.caller import Caller
from jalon.inbox.submission import Submitter
from jalon.inbox.writes import IdempotentRequest, Target
from jalon.integrations.payments.port import (
    EventRefused,
    EventUnreadable,
    ProviderEvent,
    ProviderTimeout,
    ProviderUnreachable,
)
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.inbox.targets import TargetState
from jalon.persistence.money.ledgers import payment_waits
from jalon.persistence.money.provider_events import keep_provider_event
from workflows.engine.commands import Command
from workflows.shared_steps.payments import PaymentReported

routes = APIRouter(prefix="/v1/provider-webhooks", tags=["webhooks"], route_class=StrictRoute)
log = structlog.get_logger("jalon.api")

_under_way: set[asyncio.Task[None]] = set()


HEARD = ANYBODY | problems(404, 408, 413, 415, 422)


@routes.post("/{provider}", responses=HEARD)
async def hear_provider_event(
    request: Request, provider: str, resources: TheResources, submitter: TheSubmitter
) -> Heard:
    """Receives a signed event. A repeated event changes nothing; an event about no known payment is stored only.

    A finished card session is taken as the browser's way back is, once.
    """
    return await _hear(request, provider, None, resources, submitter)


@routes.post("/{provider}/{store}", responses=HEARD)
async def hear_provider_event_of_store(
    request: Request, provider: str, store: str, resources: TheResources, submitter: TheSubmitter
) -> Heard:
    """Receives a signed event about this store. An event about another store is refused."""
    return await _hear(request, provider, store, resources, submitter)


async def _hear(
    request: Request, provider: str, store: str | None, resources: ApiResources, submitter: Submitter
) -> Heard:
    body = await request.body()
    try:
        event = _verified(resources, provider, body, request)
    except EventUnreadable as unreadable:
        # The provider would repeat it for days, and a repetition reads no better.
        known = {"provider": provider, "event_id": unreadable.event_id, "why": str(unreadable)}
        log.warning("webhook_unreadable", **known)
        async with resources.sessions.unscoped() as tx:
            await keep_provider_event(tx, unreadable.event_id, provider, body, str(unreadable))
        return Heard(request_id=None)
    named = event.metadata.get("store", "")
    if store is not None and store != named:
        raise not_found("No store")
    receipt = None
    try:
        if event.of_setup:
            receipt = await _take_card(request, resources, submitter, provider, event, body)
        elif named in resources.policies and await _awaited(resources, named, provider, event):
            receipt = await _take(request, resources, submitter, provider, event, body)
    except Problem as problem:
        if problem.status != HTTPStatus.NOT_FOUND:
            raise
    if receipt is None:
        async with resources.sessions.unscoped() as tx:
            await keep_provider_event(tx, event.event_id, provider, body)
    return Heard(request_id=receipt.id if receipt else None)


async def _take_card(
    request: Request,
    resources: ApiResources,
    submitter: Submitter,
    provider: str,
    event: ProviderEvent,
    body: bytes,
) -> Receipt | None:
    try:
        taken = await take_card(request, resources, submitter, provider, event, body)
    except (ProviderUnreachable, ProviderTimeout):
        detail = "The session cannot be looked up right now; send the event again."
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, ErrorCode.PROVIDER_UNREACHABLE, detail, retry_after=5
        ) from None
    if taken is None:
        return None
    receipt, batch = taken
    if batch:
        _deliver_later(submitter, receipt, batch)
    else:
        async with resources.sessions.unscoped() as tx:
            await keep_provider_event(tx, event.event_id, provider, body)
    return receipt


async def _awaited(resources: ApiResources, store: str, provider: str, event: ProviderEvent) -> bool:
    """Whether the payment waits for its customer at this provider. The effect that made any other payment looks it up itself."""
    async with resources.sessions.of(store) as tx:
        return event.key is not None and await payment_waits(tx, event.key, provider)


def _kind(entity: str) -> Kind[Any]:
    return KINDS.of_id(entity) or ORDER


def _verified(resources: ApiResources, provider: str, body: bytes, request: Request) -> ProviderEvent:
    known = resources.providers.get(provider)
    if known is None:
        raise not_found("No payment provider")
    try:
        return known.read_event(body, request.headers)
    except EventRefused as refusal:
        raise Problem(HTTPStatus.BAD_REQUEST, ErrorCode.WEBHOOK_REFUSED, f"{refusal}.") from None


async def _take(
    request: Request,
    resources: ApiResources,
    submitter: Submitter,
    provider: str,
    event: ProviderEvent,
    body: bytes,
) -> Receipt:
    entity = event.metadata.get("entity", "")
    target = existing(_kind(entity), entity)
    store, principal = event.metadata["store"], f"provider:{provider}"
    caller = Caller(principal, principal, "provider", (store,))
    fingerprint = resources.vault.fingerprint(provider.encode(), event.event_id.encode())
    idempotent_request = IdempotentRequest(event.event_id, fingerprint, context_of(request.scope))

    async def compose(tx: AsyncConnection, _: TargetState) -> Command:
        await keep_provider_event(tx, event.event_id, provider, body)
        return PaymentReported()

    hint = Target(target.kind, target.entity, hint=True)
    receipt, batch = await submitter.take(caller, idempotent_request, hint, compose)
    if batch:
        _deliver_later(submitter, receipt, batch)
    return receipt


def _deliver_later(submitter: Submitter, receipt: Receipt, batch: list[Receipt]) -> None:
    """Delivers the receipt after the event is acknowledged. The relay delivers it if this task does not."""

    async def deliver() -> None:
        try:
            await submitter.deliver(receipt, batch)
        except Exception as error:  # noqa: BLE001
            log.warning("webhook_left_to_relay", request=receipt.id, fault=type(error).__name__)

    task = asyncio.create_task(deliver())
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
