"""Where an entity is in its lifecycle, the facts beside it, and the word that people read (RULEBOOK, States).

A status says where an entity is; facts beside it, each with its instant, may hold together (`delayed_at`,
`stop_requested_at`). Which status may follow which stands in `jalon.domain.kinds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class OrderStatus(StrEnum):
    """Where an order is. NEW is before its first message and is never recorded."""

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
    """Where a subscription is. NEW is before its first message and is never recorded."""

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
"""The right to use is over for good, or never came."""

AWAITED_NEWS = frozenset({_O.SUBMITTED, _O.SCREENING, _O.EXPORT_HOLD, _S.PENDING_ACTIVATION})
"""An entity that is delayed in one of these still owes its customer news (T10)."""


class OrderFact(StrEnum):
    """What may hold of an order beside its status: the fields of its answer that carry the instant."""

    DELAYED_AT = "delayed_at"
    DECLINED_AT = "declined_at"


class SubscriptionFact(StrEnum):
    """What may hold of a subscription beside its status: the fields of its answer that carry the instant."""

    DELAYED_AT = "delayed_at"
    PAST_DUE_SINCE = "past_due_since"
    STOP_REQUESTED_AT = "stop_requested_at"
    RENEWAL_COMMITTED_AT = "renewal_committed_at"


class Standing(StrEnum):
    """Words for a running subscription with facts beside its status; every other entity is called by its status."""

    PAST_DUE = "past_due"
    STOP_REQUESTED = "stop_requested"
    RENEWAL_COMMITTED = "renewal_committed"


STANDING_BY_FACT: Mapping[SubscriptionFact, Standing] = {
    SubscriptionFact.PAST_DUE_SINCE: Standing.PAST_DUE,
    SubscriptionFact.STOP_REQUESTED_AT: Standing.STOP_REQUESTED,
    SubscriptionFact.RENEWAL_COMMITTED_AT: Standing.RENEWAL_COMMITTED,
}
"""The fact that gives a running subscription its word; the first one that holds wins."""


def standing(status: StatusOf, facts: Mapping[str, object]) -> StatusOf | Standing:
    """The word that people read, of the status and of the facts that hold."""
    if status is SubscriptionStatus.ACTIVE:
        for fact, word in STANDING_BY_FACT.items():
            if facts.get(fact) is not None:
                return word
    return status
