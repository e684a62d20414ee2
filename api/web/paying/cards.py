"""Cards that Jalon never sees: a session at the provider begins, and the card that was given there is taken from it (P9, X22)."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from api.http.request_context import context_of
from api.http.resources import resources_of
from api.http.writing import existing, submitter_of
from api.web.forms import Sent
from api.web.hosted.links import unknown_link
from api.web.paying.payers import Payer
from jalon.domain.kinds import ORDER, Kind
from jalon.inbox.rejections import StillInProgress
from jalon.inbox.submission import Submission
from jalon.inbox.writes import IdempotentRequest
from jalon.integrations.payments.port import SESSION, PaymentProvider, Setup
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.order.commands import PlaceAgain
from workflows.subscription.commands import ChangePaymentMethod

PAYS = "pays"
"""In the address of the way back: the card was given to pay what was owed, and not for later charges."""
WAITS = timedelta(seconds=5)
"""How long the browser's way back waits for what the provider told of the same session."""
ASKS_EVERY = timedelta(milliseconds=200)


def provider_of(request: Request, payer: Payer) -> PaymentProvider:
    """The provider of payments that begin now."""
    return resources_of(request).providers[payer.policy.rules.payment.provider]


def address_of(request: Request, path: str) -> str:
    """The public address of a path."""
    return f"{resources_of(request).settings.public_url}{path}"


async def begin(request: Request, payer: Payer, sent: Sent) -> Setup:
    """Begins a session for this form, once. It is bound to what is paid for, and to whoever began it.

    The way back tells whether the card was given to pay: the provider may tell of it first, and then nothing is owed any more.
    """
    owes = payer.visit is not None and not payer.changes_card
    pays = f"?{PAYS}=yes" if owes else ""
    store, entity = payer.policy.id, payer.paid_for.id
    occurrence = (store, entity, "setup", payer.caller.principal, sent.idempotent_request.key, pays)
    return await provider_of(request, payer).begin_setup(
        hashlib.sha256("|".join(occurrence).encode()).hexdigest(),
        _bound_to(payer) | {"customer": payer.party},
        address_of(request, f"{payer.base}/card/{SESSION}{pays}"),
        payer.language,
        payer.now,
    )


async def given_card(request: Request, payer: Payer, session: str) -> str | None:
    """The provider's token of the card that was given in a session; None where none was.

    Raises Problem for a session of somebody else, of something else, or of nobody: it opens nothing.
    """
    setup = await provider_of(request, payer).find_setup(session)
    if not isinstance(setup, Setup) or not _bound_to(payer).items() <= setup.metadata.items():
        raise unknown_link()
    return setup.method


async def try_card(request: Request, payer: Payer, session: str, method: str) -> Submission:
    """Submits the card under its session's id, so that a page that is loaded again tries it no second time.

    The provider may tell of the session at the same moment: then its write is waited for. Raises StillInProgress after WAITS.
    """

    async def compose(_tx: AsyncConnection, _: TargetState) -> Command:
        return command_of(payer.kind, method)

    once, target = once_of(request, payer.paid_for.id, session), existing(payer.kind, payer.paid_for.id)
    for _ in range(int(WAITS / ASKS_EVERY)):
        try:
            return await submitter_of(request).submit(payer.caller, once, target, compose)
        except StillInProgress:
            await asyncio.sleep(ASKS_EVERY.total_seconds())
    raise StillInProgress


def command_of(kind: Kind[Any], method: str) -> Command:
    """What a card that was given says to an order, or to a subscription."""
    return PlaceAgain(method) if kind is ORDER else ChangePaymentMethod(method)


def once_of(request: Request, paid_for: str, session: str) -> IdempotentRequest:
    """The one write of a session, whether the browser came back or the provider told of it."""
    fingerprint = resources_of(request).vault.fingerprint(b"setup", paid_for.encode(), session.encode())
    return IdempotentRequest(session, fingerprint, context_of(request.scope))


def _bound_to(payer: Payer) -> dict[str, str]:
    return {"store": payer.policy.id, "entity": payer.paid_for.id, "holder": payer.caller.principal}
