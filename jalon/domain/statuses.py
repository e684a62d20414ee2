"""Where an entity is in its lifecycle, which moves are legal, and the word that people read (RULEBOOK, States).

A status says where an entity is; facts beside it, each with its instant, may hold together (`delayed_at`,
`stop_requested_at`). The lifecycle page is checked against `LEGAL_MOVES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar


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

ORDER_MOVES: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    _O.NEW: frozenset({_O.CART, _O.CANCELLED}),
    _O.CART: frozenset({_O.SUBMITTED, _O.CANCELLED, _O.EXPIRED}),
    _O.SUBMITTED: frozenset({_O.SCREENING, _O.CART, _O.PROCESSING, _O.CANCELLED}),
    _O.SCREENING: frozenset({_O.SUBMITTED, _O.EXPORT_HOLD, _O.REJECTED, _O.CANCELLED}),
    _O.EXPORT_HOLD: frozenset({_O.SUBMITTED, _O.REJECTED, _O.CANCELLED}),
    _O.PROCESSING: frozenset({_O.COMPLETED, _O.CANCELLED, _O.EXPIRED}),
    _O.COMPLETED: frozenset(),
    _O.REJECTED: frozenset(),
    _O.CANCELLED: frozenset(),
    _O.EXPIRED: frozenset(),
}
SUBSCRIPTION_MOVES: Mapping[SubscriptionStatus, frozenset[SubscriptionStatus]] = {
    _S.NEW: frozenset({_S.PENDING_ACTIVATION}),
    _S.PENDING_ACTIVATION: frozenset({_S.ACTIVE, _S.VOID}),
    _S.ACTIVE: frozenset({_S.ENDED}),
    _S.ENDED: frozenset({_S.DATA_RETAINED}),
    _S.DATA_RETAINED: frozenset({_S.PURGED}),
    _S.PURGED: frozenset(),
    _S.VOID: frozenset(),
}
LEGAL_MOVES: Mapping[type[Status], Mapping[Any, frozenset[Any]]] = {
    OrderStatus: ORDER_MOVES,
    SubscriptionStatus: SUBSCRIPTION_MOVES,
}
"""For each kind, from each status, those that may follow it. Two kinds may share a word, so they never share a table."""

FINAL: frozenset[Status] = frozenset(
    status for moves in LEGAL_MOVES.values() for status, following in moves.items() if not following
)
"""No status follows: the workflow takes no more updates."""

ORDER_OVER = frozenset({_O.COMPLETED, _O.REJECTED, _O.CANCELLED, _O.EXPIRED})
BEFORE_FULFILMENT = frozenset({_O.CART, _O.SUBMITTED, _O.SCREENING, _O.EXPORT_HOLD})
SUBSCRIPTION_OVER = frozenset({_S.VOID, _S.ENDED, _S.DATA_RETAINED, _S.PURGED})
"""The right to use is over for good, or never came."""

AWAITED_NEWS = frozenset({_O.SUBMITTED, _O.SCREENING, _O.EXPORT_HOLD, _S.PENDING_ACTIVATION})
"""An entity that is delayed in one of these still owes its customer news (T10)."""


class IllegalMove(Exception):
    """A status was to follow one that it may not follow; a fault of ours."""

    def __init__(self, former: Status, following: Status) -> None:
        super().__init__(f"{type(former).__name__}: {following} does not follow {former}")


def check_move(former: Status, following: Status) -> None:
    """Returns where the move is legal, and where both are the same. Raises IllegalMove."""
    if following != former and following not in LEGAL_MOVES[type(former)][former]:
        raise IllegalMove(former, following)


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
