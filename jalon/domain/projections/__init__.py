"""The projections of orders and subscriptions: one class for each, from which the API's answers derive.

The workflow builds the projection, and PostgreSQL stores it as JSON. The API's answer has the same fields: those of the
`…Facts`, with people in place of ids.
"""

from __future__ import annotations

from jalon.domain.projections.orders import (
    LineOutcome,
    OrderFacts,
    OrderLine,
    OrderProjection,
)
from jalon.domain.projections.parts import (
    WHERE_KNOWN,
    AgendaEntry,
    EntityFacts,
    HaltedStep,
    HoldProjection,
    HoldReason,
    ParkedStep,
    Payment,
    PaymentState,
    Projection,
    WaitingFor,
)
from jalon.domain.projections.subscriptions import (
    SEATS_SHOWN,
    ChargeAt,
    ChargeWait,
    Document,
    FewerSeats,
    PersonHold,
    SeatFacts,
    SeatProjection,
    SeatState,
    StepProgress,
    SubscriptionFacts,
    SubscriptionProjection,
    TransferFacts,
    TransferProjection,
    VoidCause,
)

__all__ = [
    "SEATS_SHOWN", "WHERE_KNOWN", "AgendaEntry", "ChargeAt", "ChargeWait", "Document", "EntityFacts", "FewerSeats", "HaltedStep",
    "HoldProjection", "HoldReason", "LineOutcome",
    "OrderFacts", "OrderLine", "OrderProjection", "ParkedStep", "Payment", "PaymentState", "PersonHold", "Projection",
    "SeatFacts", "SeatProjection", "SeatState", "StepProgress", "SubscriptionFacts", "SubscriptionProjection", "TransferFacts",
    "TransferProjection", "VoidCause", "WaitingFor",
]  # fmt: skip
