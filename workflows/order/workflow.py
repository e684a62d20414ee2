"""The life of an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from temporalio import workflow

from jalon.domain.emails import DeadlineExtended
from jalon.domain.money import Money
from jalon.domain.statuses import ORDER_OVER, OrderStatus
from jalon.domain.terms import StoreTerms
from jalon.domain.transition import EntityMessage
from workflows.commands import Command
from workflows.engine.agenda import Due, Entry
from workflows.engine.effects import Compensated
from workflows.engine.entity import Entity
from workflows.engine.step import Steps
from workflows.order.steps import cancellation, cart, certificate, fulfilment, news, payment, screening
from workflows.order.view import order_view
from workflows.shared_steps import operations
from workflows.state import OrderState, known

EXTENDED: dict[str, Literal["certificate", "payment"]] = {
    Due.CERTIFICATE_WINDOW: "certificate",
    Due.AUTHENTICATION: "payment",
}


@dataclass(frozen=True)
class OrderStart:
    """An order begins in a store at the instant of its first message, or goes on with the state that a long run left."""

    store: str
    order: str
    live: bool
    now: datetime
    state: OrderState | None = None


@workflow.defn(name="Order")
class OrderWorkflow(Entity[OrderState]):
    """cart → submitted → (certificate) → screening (→ export_hold) → payment → processing → completed.

    It ends early as rejected (T6), cancelled (on request, or a wait ran out) or expired (abandoned, or every line void: P5);
    a declined payment gives the cart back. One subscription per line lives on by itself.
    """

    kind = "order"
    steps = Steps.of(
        step.STEP
        for step in (cart, news, certificate, screening, payment, fulfilment, cancellation, operations)
    )

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        self.paying = False
        self.begin(start.state or OrderState(start.store, start.order, start.live, start.now))

    @workflow.run
    async def run(self, start: OrderStart) -> str:
        """Lives until every line is settled; returns the status it ended in."""
        self.resume_mail()
        try:
            while not self.is_over() and self.state.secured_at is None:
                await cart.until_placed(self)
                await self._secure()
            await fulfilment.until_settled(self)
        except Compensated:
            await cancellation.compensate(self)
        await self.finish()
        return self.state.status

    async def _secure(self) -> None:
        if self.is_over():
            return
        news.start(self)
        await certificate.until_answered(self)
        await screening.until_cleared(self)
        await payment.until_secured(self)

    async def next_run(self) -> None:
        """The only caller of continue-as-new: a cart that is changed very often goes on with a new history."""
        await self.drain()
        workflow.continue_as_new(
            OrderStart(self.state.store, self.state.id, self.state.live, self.state.now, state=self.state)
        )

    def is_over(self) -> bool:
        """Whether the order has come to an end."""
        return self.state.status in ORDER_OVER

    @property
    def buyer(self) -> str:
        """The party id of the buyer."""
        return known(self.state.cart).buyer

    def close(self, status: OrderStatus) -> None:
        """The order ends; nothing of it is to come any more."""
        self.state.move_to(status)
        self.state.agenda.clear()

    def send(self, subscription: str, key: str, command: Command) -> None:
        """Sends a command to a subscription of the order with the next transition."""
        self.transition.send(
            EntityMessage(key, "subscription", subscription, command.name, self.state.now, command.as_body())
        )

    def line_facts(self) -> dict[str, Any]:
        """What every e-mail about the order says of it."""
        names = self.state.products
        return {"order_number": self.state.number, "product": names[0], "more_lines": len(names) - 1}

    def cart_total(self) -> Money:
        """What the cart costs on the terms of its last change."""
        return known(self.state.total)

    def as_view(self) -> dict[str, Any]:
        """The order for people, without personal data."""
        return order_view(self.state)

    def terms_of_store(self) -> StoreTerms:
        """The store's terms: frozen at placement, before that those of the cart."""
        return self.state.terms.store if self.state.terms else known(self.state.cart_store)

    def deadline_moved(self, entry: Entry, former: datetime) -> None:
        """The buyer sees the new date."""
        if entry.what in EXTENDED:
            email = DeadlineExtended(
                **self.line_facts(), deadline=EXTENDED[entry.what], former_by=former, new_by=entry.due_at
            )
            self.mail(email, f"extended/{entry.key}/{entry.due_at.isoformat()}", self.buyer)
