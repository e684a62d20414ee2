"""The lifecycle of a quote: its commands, its state, its only step and its workflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import TypeAdapter
from temporalio import workflow

from activities.contracts.records import ReceivedCommand
from jalon.domain.due import Due
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import Kind
from jalon.domain.terms import StoreTerms
from tests.support.quotes.kind import (
    QUOTE,
    QuoteAccepted,
    QuoteLapsed,
    QuoteOffered,
    QuoteProjection,
    QuoteStatus,
)
from workflows.engine.agenda import Entry
from workflows.engine.commands import Command, Refused, refused
from workflows.engine.entity import Entity
from workflows.engine.lifecycle import EntityStart, Lifecycle
from workflows.engine.state import EntityState, known
from workflows.engine.step import Step, Steps, takes

OPEN_FOR = timedelta(days=30)
_JSON = TypeAdapter(QuoteProjection)


@dataclass(frozen=True)
class OfferQuote(Command):
    """Offers a price."""

    number: str
    price: str


@dataclass(frozen=True)
class AcceptQuote(Command):
    """Accepts the offer."""


@dataclass
class QuoteState(EntityState):
    """The state of a quote."""

    kind: ClassVar[Kind[Any]] = QUOTE

    status: QuoteStatus = QuoteStatus.NEW
    number: str = ""
    offered_at: datetime | None = None
    open_until: datetime | None = None


async def offer(quote: QuoteWorkflow, request: OfferQuote, message: ReceivedCommand) -> dict[str, Any]:
    """Opens the offer until its closing."""
    state = quote.state
    state.number, state.offered_at, state.open_until = request.number, state.now, state.now + OPEN_FOR
    state.move_to(QuoteStatus.OFFERED)
    state.agenda.put(
        Entry(Due.CART_ABANDONED, state.open_until, Due.CART_ABANDONED, None, "vendor", closing=True)
    )
    quote.transition.record_event(state.now, QuoteOffered(price=request.price), actor=message.actor)
    return {"quote": state.id}


async def accept(
    quote: QuoteWorkflow, request: AcceptQuote, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Accepts the offer, once."""
    state = quote.state
    if state.status is not QuoteStatus.OFFERED:
        return refused(ErrorCode.NOT_PENDING, f"This quote is {state.status}.")
    state.move_to(QuoteStatus.ACCEPTED)
    state.agenda.clear()
    quote.transition.record_event(state.now, QuoteAccepted(), actor=message.actor)
    return {"quote": state.id}


async def lapse(quote: QuoteWorkflow, entry: Entry) -> None:
    """Lapses an offer that nobody accepted."""
    quote.state.move_to(QuoteStatus.LAPSED)
    quote.transition.record_event(quote.state.now, QuoteLapsed())
    quote.expire("quote_lapsed", None)


STEP = Step(takes=(takes(OfferQuote, offer), takes(AcceptQuote, accept)), due={Due.CART_ABANDONED: lapse})


@dataclass(frozen=True)
class QuoteStart(EntityStart):
    """The argument of a run of a quote."""

    state: QuoteState | None = None


@workflow.defn(name="Quote")
class QuoteWorkflow(Entity[QuoteState]):
    """offered → accepted, or lapsed."""

    kind = QUOTE
    steps = Steps.of([STEP])

    @workflow.init
    def __init__(self, start: QuoteStart) -> None:
        self.begin(start, start.state or QuoteState(start.store, start.id, start.live, start.now))

    @workflow.run
    async def run(self, start: QuoteStart) -> str:
        """Runs until the offer is accepted or has lapsed."""
        await self.until(lambda: self.state.status in QUOTE.final)
        await self.finish()
        return self.state.status

    def as_view(self) -> dict[str, Any]:
        """The quote as people read it."""
        state = self.state
        projection = QuoteProjection(
            id=state.id,
            store=state.store,
            number=state.number,
            purchase_order_number=None,
            agenda=state.agenda.projected(),
            payment=None,
            waiting_for=None,
            delayed_at=None,
            policy_hash=None,
            status=state.status,
            standing=state.status,
            buyer=None,
            buyer_names=None,
            parked=(),
            offered_at=known(state.offered_at),
            open_until=known(state.open_until),
        )
        view: dict[str, Any] = _JSON.dump_python(projection, mode="json")
        return view

    def terms_of_store(self) -> StoreTerms:
        """The terms of a quote's store: the calendar of Paris."""
        return StoreTerms("s", "S", "Europe/Paris", (), "fr", "help@example.com", "hash")

    def deadline_moved(self, entry: Entry, former: datetime) -> None:
        """Records the later end of the offer."""
        self.state.open_until = entry.due_at


LIFECYCLE = Lifecycle(QUOTE, QuoteWorkflow, OfferQuote, waits=True)
