"""What the steps of an order share: its state, its e-mails, its subscriptions and its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from jalon.domain.emails import DeadlineExtended, OrderCancelled
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.money import Money
from jalon.domain.statuses import ORDER_OVER, OrderStatus
from jalon.domain.terms import StoreTerms
from jalon.domain.transition import EntityMessage
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Command
from workflows.engine.entity import Entity
from workflows.engine.state import known
from workflows.engine.step import StepName
from workflows.order.state import OrderState
from workflows.order.view import order_view

EXTENDED: dict[str, Literal["certificate", "payment"]] = {
    Due.CERTIFICATE_WINDOW: "certificate",
    Due.AUTHENTICATION: "payment",
}


class OrderLife(Entity[OrderState]):
    """An order as its steps use it. `paying` is set while a payment is being requested, `undoing` while one that was given up is undone;
    `given_back` is what that refunded.

    `confirmation_over` is set when the time to confirm the payment at the bank has ended.
    """

    kind = ORDER
    effects = frozenset(StepName) - {StepName.CHARGE, StepName.PERSON_SCREENING}
    paying = False
    undoing = False
    given_back: Money | None = None
    confirmation_over = False

    def is_over(self) -> bool:
        """Whether the order has ended."""
        return self.state.status in ORDER_OVER

    @property
    def buyer(self) -> str:
        """The party id of the buyer."""
        return known(self.state.cart).buyer

    def close(self, status: OrderStatus) -> None:
        """Ends the order with this status and clears its agenda."""
        self.state.move_to(status)
        self.state.agenda.clear()

    def tell_cancelled(
        self,
        cause: Literal["requested", "certificate_missing", "payment_missing", "hold_expired", "given_up"],
        refunded: Money | None = None,
    ) -> None:
        """Notifies the buyer that the order is cancelled, and of what goes back; None where nothing was taken."""
        email = OrderCancelled(**self.line_facts(), cause=cause, refunded=refunded)
        self.mail(email, "order-cancelled", self.buyer)

    def send(self, subscription: str, key: str, command: Command) -> None:
        """Sends a command to a subscription of the order with the next transition."""
        self.transition.send(
            EntityMessage(
                key, SUBSCRIPTION.name, subscription, command.name, self.state.now, command.as_body()
            )
        )

    def line_facts(self) -> dict[str, Any]:
        """The facts that every e-mail about the order contains."""
        names = self.state.products
        return {"order_number": self.state.number, "product": names[0], "more_lines": len(names) - 1}

    def cart_total(self) -> Money:
        """The total of the cart on the terms of its last change."""
        return known(self.state.total)

    def as_view(self) -> dict[str, Any]:
        """The order as people read it, without personal data."""
        return order_view(self.state)

    def terms_of_store(self) -> StoreTerms:
        """The store's terms: those frozen at placement, before that those of the cart."""
        return self.state.terms.store if self.state.terms else known(self.state.cart_store)

    def support_route(self) -> str | None:
        """The products' own support contact, where all lines of the placed order have the same one (T14)."""
        terms = self.state.terms
        routes = {line.support_email for line in terms.lines} if terms else set()
        return routes.pop() if len(routes) == 1 else None

    def deadline_moved(self, entry: Entry, former: datetime) -> None:
        """Notifies the buyer of the new date."""
        if entry.what in EXTENDED:
            email = DeadlineExtended(
                **self.line_facts(), deadline=EXTENDED[entry.what], former_by=former, new_by=entry.due_at
            )
            self.mail(email, f"extended/{entry.key}/{entry.due_at.isoformat()}", self.buyer)
