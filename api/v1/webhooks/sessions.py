"""A card session that the provider tells of: its card is tried as on the browser's way back, which may never come (P9, X22)."""

from __future__ import annotations

from typing import cast

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.resources import ApiResources
from api.http.writing import existing
from api.web.paying.cards import command_of, once_of
from api.web.paying.debts import UNSETTLED
from api.web.paying.payers import debt_of, payer_of
from api.web.portal.visits import Action, possible
from jalon.domain.kinds import KINDS
from jalon.domain.projections import OrderProjection, SubscriptionProjection
from jalon.inbox.caller import Caller
from jalon.inbox.submission import Submitter
from jalon.inbox.writes import Target
from jalon.integrations.payments.port import ProviderEvent, Setup
from jalon.persistence.entities import entities
from jalon.persistence.entities.projections import projection_of
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.inbox.targets import TargetState
from jalon.persistence.money.provider_events import keep_provider_event
from jalon.persistence.operations import clocks
from workflows.engine.commands import Command

SIGNED_IN = "party:"
"""What the principal of somebody who is signed in begins with; anybody else holds a link."""


async def take_card(
    request: Request,
    resources: ApiResources,
    submitter: Submitter,
    provider: str,
    event: ProviderEvent,
    body: bytes,
) -> tuple[Receipt, list[Receipt]] | None:
    """Records the card of a finished session under the session's id; None where none was given, or none is wanted any more.

    The event is a hint: the card, and what it was given for, are the session's at the provider.
    """
    setup = await resources.providers[provider].find_setup(event.reference)
    if not isinstance(setup, Setup) or setup.method is None:
        return None
    method, store, entity = setup.method, setup.metadata.get("store", ""), setup.metadata.get("entity", "")
    kind = KINDS.of_id(entity)
    if kind is None or store not in resources.policies or not await _is_wanted(resources, setup):
        return None
    customer = setup.metadata["customer"]
    caller = Caller(setup.metadata["holder"], customer, "buyer", (store,))

    async def compose(tx: AsyncConnection, _: TargetState) -> Command:
        await keep_provider_event(tx, event.event_id, provider, body)
        return command_of(kind, method)

    known = existing(kind, entity)
    hint = Target(known.kind, known.entity, hint=True)
    return await submitter.take(caller, once_of(request, entity, setup.reference), hint, compose)


async def _is_wanted(resources: ApiResources, setup: Setup) -> bool:
    """Whether whoever began the session may still give a card: by a link what is owed is settled, and nothing else."""
    store, kind = setup.metadata["store"], KINDS.of_id(setup.metadata["entity"])
    if kind is None or not {"customer", "holder"} <= setup.metadata.keys():
        return False
    async with resources.sessions.of(store) as tx:
        found = await entities.find(tx, kind, setup.metadata["entity"])
        now = await clocks.clock_now(tx, store)
    if found is None:
        return False
    paid_for = cast("OrderProjection | SubscriptionProjection", projection_of(kind.name, found.view))
    if payer_of(paid_for) != setup.metadata["customer"]:
        return False
    signed_in = setup.metadata["holder"].startswith(SIGNED_IN)
    if signed_in and isinstance(paid_for, SubscriptionProjection):
        return Action.PAYMENT_METHOD in possible(paid_for, now)
    debt = debt_of(paid_for, now)
    return debt.takes_card or debt.state in UNSETTLED
