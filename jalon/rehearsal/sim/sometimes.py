"""The interesting states, which a run of some size must reach to prove what it claims."""

from __future__ import annotations

from collections.abc import Mapping

from jalon.domain.error_codes import ErrorCode
from jalon.domain.statuses import OrderStatus, Standing, SubscriptionStatus

ENOUGH = 1_000
"""The number of lives that must reach every state. A run of fewer only lists the states it missed."""

STATUSES: Mapping[str, tuple[str, ...]] = {
    "order": tuple(status for status in OrderStatus if status is not OrderStatus.NEW),
    "subscription": (
        *(status for status in SubscriptionStatus if status is not SubscriptionStatus.NEW),
        *Standing,
    ),
}
"""The statuses that people read, by kind."""

REFUSALS = (
    ErrorCode.ACTIVATION_WINDOW_CLOSED,
    ErrorCode.ALREADY_ADMIN,
    ErrorCode.ALREADY_ASSIGNED,
    ErrorCode.ALREADY_PARKED,
    ErrorCode.CERTIFICATE_CLOSED,
    ErrorCode.DOCUMENT_CHANGED,
    ErrorCode.EDIT_INVALID,
    ErrorCode.ENTITY_CLOSED,
    ErrorCode.HOLD_CLOSED,
    ErrorCode.INVITATION_EXPIRED,
    ErrorCode.NO_FEWER_SEATS,
    ErrorCode.NO_FREE_SEAT,
    ErrorCode.NO_USER_MANAGEMENT,
    ErrorCode.OFFER_CHANGED,
    ErrorCode.ORDER_NOT_DECLINED,
    ErrorCode.RENEWAL_NOT_AUTOMATIC,
    ErrorCode.NOTHING_TO_ANNOUNCE,
    ErrorCode.NOT_INVITED,
    ErrorCode.NOT_ACTIVE,
    ErrorCode.NOT_COMPENSABLE,
    ErrorCode.NOT_EDITABLE,
    ErrorCode.NOT_PARKED,
    ErrorCode.NOT_PENDING,
    ErrorCode.ORDER_ACTIVE,
    ErrorCode.ORDER_CLOSED,
    ErrorCode.ORDER_PLACED,
    ErrorCode.RENEWAL_COMMITTED,
    ErrorCode.SAME_REVIEWER,
    ErrorCode.SEAT_CHOICE_CLOSED,
    ErrorCode.SEAT_NOT_GIVEN,
    ErrorCode.SIGNER_MISSING,
    ErrorCode.STEP_OUT_OF_ORDER,
    ErrorCode.TOO_MANY_SEATS_KEPT,
    ErrorCode.TRANSFER_OVER,
    ErrorCode.TRANSFER_PENDING,
    ErrorCode.UNKNOWN_SEAT,
    ErrorCode.USER_NOT_LISTED,
)
UNREACHED = {
    ErrorCode.CERTIFICATE_WINDOW_CLOSED: "an answer from the deadline on is heard after it, and it cancels the order: certificate_closed",
    ErrorCode.DOCUMENT_UNNAMED: "whoever signs names a document; another than the one in force is document_changed",
    ErrorCode.INVITED_TOO_OFTEN: "nobody of a life sends an invitation to one seat more than twice",
    ErrorCode.STEP_NOT_NEEDED: "every product of a life that has steps has both that its buyers try",
    ErrorCode.MAIL_NOT_RESENT: "support of a life sends no e-mail again: tests/api/v1/support/test_repairs.py does",
    ErrorCode.NOT_EXTENDABLE: "support of a life moves no deadline: tests/api/v1/support/test_repairs.py does",
    ErrorCode.TOO_MANY_TO_PARK: "an operator parks a few steps of one entity ahead",
    ErrorCode.UNKNOWN_STEP: "an operator parks a step that the entity has",
    ErrorCode.NOTICE_NOT_WRITTEN: "one life in a thousand: support tells a consumer by telephone what the law wants in writing",
    ErrorCode.RECOVERY_WINDOW_CLOSED: "one life in a thousand: a new method while the provider is asked at the end; else not_active",
}
"""Refusals of the product that a thousand lives need not cause, and the reason."""

PARKED = ("payment", "charge", "screening", "refund", "release", "withdraw", "find", "mail")
RACES = (
    "activation window",
    "cart",
    "certificate window",
    "hold",
    "invitation",
    "recovery",
    "renewal switch",
    "transfer",
)
TROUBLE = (
    "death: worker",
    "death: api",
    "death: relay",
    "outage: more than five minutes",
    "reset",
    "epoch: a reset took another course",
    "mail: one Message-ID arrived again",
    "mail: a notice came back",
    "a charge waited for its notice",
    "a listed user was released",
    "a term was refused before its charge",
    "gateway: a webhook was lost",
    "policy: dearer",
    "policy: fewer seats",
    "policy: withdrawn",
    "held by a parked step: certificate_window",
    "fewer seats",
    "job order: all jobs at once",
    "job order: as of old",
)


def required() -> tuple[str, ...]:
    """The name of every interesting state, as lives mark it."""
    return (
        *(f"status: {kind} {status}" for kind, statuses in STATUSES.items() for status in statuses),
        *(f"refused: {code}" for code in REFUSALS),
        *(f"parked: {step}" for step in PARKED),
        *(f"race: {race}, {side}" for race in RACES for side in ("in time", "too late")),
        *TROUBLE,
    )


def never_reached(marks: Mapping[str, int]) -> list[str]:
    """The interesting states that no life reached."""
    return [name for name in required() if not marks.get(name)]
