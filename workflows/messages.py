"""Messages between entities: from an order to its subscriptions, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jalon.domain.terms import LineTerms, NoticeByLaw, StoreTerms
from workflows.engine.commands import Command
from workflows.shared_steps.mandates import Mandate


@dataclass(frozen=True)
class LineSettled(Command):
    """A subscription reports to its order that its line is active or void."""

    subscription: str
    outcome: str


@dataclass(frozen=True)
class LineDelayed(Command):
    """A subscription reports to its order that the customer was left without news since this instant (T10)."""

    subscription: str
    since: datetime


@dataclass(frozen=True)
class Begin(Command):
    """An order begins one subscription. `buyer_names` is the record of the names that the order was placed under.

    `consumer`: the order was a consumer's, `notice_by_law` the notice that law then gives before a renewal (C1). `parked_time` is how long
    the order stood still for operators.
    """

    order_id: str
    number: str
    buyer: str
    purchase_order_number: str | None
    billing_address: str | None
    ordered_at: datetime
    news_by: datetime | None
    method: str
    mandate: Mandate | None
    paid: bool
    line: LineTerms
    store: StoreTerms
    buyer_names: str | None = None
    consumer: bool = False
    notice_by_law: NoticeByLaw | None = None
    parked_time: timedelta = timedelta(0)


@dataclass(frozen=True)
class VoidLine(Command):
    """The order is to be cancelled, and asks its line to become void. `turn` counts the requests to cancel."""

    reason: str
    turn: int = 1


@dataclass(frozen=True)
class LineKept(Command):
    """A subscription reports to its order that its line stays: it was signed before the order was to be cancelled."""

    subscription: str
    turn: int
