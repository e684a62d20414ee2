"""The news clock: after "we are processing your order" the customer must get news within the store's business days (T10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import news_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import OrderDelayed, OrderProcessing
from jalon.domain.statuses import OrderStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused
from workflows.engine.state import known
from workflows.engine.step import Step, takes
from workflows.messages import LineDelayed
from workflows.order.life import OrderLife


def start(order: OrderLife) -> None:
    """Starts the clock from the order's date."""
    _put(order)


def announce(order: OrderLife) -> None:
    """Announces that the order is being processed, once the customer has given all that it takes."""
    state = order.state
    if order.is_over():
        return
    facts = order.line_facts()
    total = known(state.terms).total
    order.mail(
        OrderProcessing(**facts, total=total, news_by=due_at(order)),
        f"order-processing/{state.placements}",
        order.buyer,
    )


def due_at(order: OrderLife) -> datetime:
    """The first instant at which the order counts as delayed."""
    terms = known(order.state.terms)
    return news_closes_at(
        known(order.state.placed_at),
        Duration.parse(terms.order_news_within),
        terms.store.calendar,
        tuple(order.state.waits),
    )


def _put(order: OrderLife) -> None:
    order.state.agenda.put(Entry(Due.ORDER_NEWS, due_at(order), Due.ORDER_NEWS, "T10", "customer"))
    order.transition.touch()


def wait_for_customer(order: OrderLife) -> None:
    """Pauses the clock while the customer has to act."""
    order.state.waiting_since = order.state.now
    order.state.agenda.remove(Due.ORDER_NEWS)


def go_on(order: OrderLife) -> None:
    """Resumes the clock after the customer has acted."""
    state = order.state
    if state.waiting_since is None:
        return
    state.waits.append((state.waiting_since, state.now))
    state.waiting_since = None
    if state.delayed_at is None and state.placed_at is not None:
        _put(order)


def told(order: OrderLife) -> None:
    """Stops the clock: the customer has news."""
    order.state.agenda.remove(Due.ORDER_NEWS)


async def delay(order: OrderLife, entry: Entry) -> None:
    """Marks the order as delayed: support gets a task and the customer a contact."""
    state = order.state
    state.delayed_at = entry.due_at
    order.transition.record_event(state.now, events.OrderDelayed())
    order.expire("order_delayed", "T10")
    order.mail(
        OrderDelayed(**order.line_facts(), ordered_at=known(state.placed_at)),
        f"order-delayed/{state.placements}",
        order.buyer,
    )


async def line_delayed(
    order: OrderLife, request: LineDelayed, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Marks the order as delayed for a line whose news never left. The line told the customer and left support the task."""
    if order.state.delayed_at is None:
        order.state.delayed_at = request.since
        order.transition.touch()
    return {"order": order.state.id}


def _goes_on(order: OrderLife, _: MailRequest) -> bool:
    return not order.is_over() or order.state.status is OrderStatus.COMPLETED


STEP = Step(
    takes=(takes(LineDelayed, line_delayed),),
    due={Due.ORDER_NEWS: delay},
    stands={OrderProcessing: _goes_on, OrderDelayed: _goes_on},
)
