"""The statuses of orders and subscriptions, the facts beside them, and the standing that people read (RULEBOOK, States).

A status is the place in the lifecycle; facts beside it, each with its instant, may hold together (`delayed_at`, `stop_requested_at`).
`jalon.domain.kinds` defines which status may follow which.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class OrderStatus(StrEnum):
    """The statuses of an order. NEW is before its first message and is never recorded."""

    NEW = "new"
    CART = "cart"
    SUBMITTED = "submitted"
    SCREENING = "screening"
    EXPORT_HOLD = "export_hold"
    PROCESSING = "processing"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class SubscriptionStatus(StrEnum):
    """The statuses of a subscription. NEW is before its first message and is never recorded."""

    NEW = "new"
    PENDING_ACTIVATION = "pending_activation"
    ACTIVE = "active"
    ENDED = "ended"
    DATA_RETAINED = "data_retained"
    PURGED = "purged"
    VOID = "void"


Status = OrderStatus | SubscriptionStatus
StatusOf = TypeVar("StatusOf", bound=Status)

_O, _S = OrderStatus, SubscriptionStatus

ORDER_OVER = frozenset({_O.COMPLETED, _O.REJECTED, _O.CANCELLED, _O.EXPIRED})
BEFORE_FULFILMENT = frozenset({_O.CART, _O.SUBMITTED, _O.SCREENING, _O.EXPORT_HOLD})
SUBSCRIPTION_OVER = frozenset({_S.VOID, _S.ENDED, _S.DATA_RETAINED, _S.PURGED})
"""The statuses in which the right to use has ended for good, or never began."""

AWAITED_NEWS = frozenset({_O.SUBMITTED, _O.SCREENING, _O.EXPORT_HOLD})
"""The statuses in which a delayed order itself owes its customer news; later a line does while it is pending (T10)."""


class OrderFact(StrEnum):
    """The facts beside an order's status: the fields of its answer that carry the instant."""

    DELAYED_AT = "delayed_at"
    DECLINED_AT = "declined_at"
    CANCEL_REQUESTED_AT = "cancel_requested_at"


class SubscriptionFact(StrEnum):
    """The facts beside a subscription's status: the fields of its answer that carry the instant."""

    DELAYED_AT = "delayed_at"
    PAST_DUE_SINCE = "past_due_since"
    STOP_REQUESTED_AT = "stop_requested_at"
    RENEWAL_COMMITTED_AT = "renewal_committed_at"
    CHARGE_WAITS_FOR = "charge_waits_for"
    NOTICE_MISSING_SINCE = "notice_missing_since"


class Standing(StrEnum):
    """The standings of a running subscription with facts beside its status. The standing of every other entity is its status."""

    PAST_DUE = "past_due"
    CHARGE_WAITS = "charge_waits"
    STOP_REQUESTED = "stop_requested"
    RENEWAL_COMMITTED = "renewal_committed"


STANDING_BY_FACT: Mapping[SubscriptionFact, Standing] = {
    SubscriptionFact.PAST_DUE_SINCE: Standing.PAST_DUE,
    SubscriptionFact.CHARGE_WAITS_FOR: Standing.CHARGE_WAITS,
    SubscriptionFact.STOP_REQUESTED_AT: Standing.STOP_REQUESTED,
    SubscriptionFact.RENEWAL_COMMITTED_AT: Standing.RENEWAL_COMMITTED,
}
"""The fact that gives a running subscription its standing; the first one that holds decides."""


def standing(status: StatusOf, facts: Mapping[str, object]) -> StatusOf | Standing:
    """The standing that people read, of the status and of the facts that hold."""
    if status is SubscriptionStatus.ACTIVE:
        for fact, word in STANDING_BY_FACT.items():
            if facts.get(fact) is not None:
                return word
    return status
