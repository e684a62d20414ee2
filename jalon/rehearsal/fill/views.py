"""The projections of a filled order and its subscription, of the classes that the workflows record."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic_core import to_json

from jalon.domain.due import Due
from jalon.domain.money import Money
from jalon.domain.projections import (
    AgendaEntry,
    ChargeAt,
    Document,
    HoldProjection,
    HoldReason,
    LineOutcome,
    OrderLine,
    OrderProjection,
    ParkedStep,
    SeatProjection,
    SeatState,
    StepProgress,
    SubscriptionProjection,
    WaitingFor,
)
from jalon.domain.statuses import OrderStatus, SubscriptionStatus, standing
from jalon.rehearsal.fill.book import Life, Stage

PRICE = Money(Decimal("1200.00"), "EUR")
DAY, YEAR = timedelta(days=1), timedelta(days=365)
HASH = "9c1018a6" * 8
CAUSES = (
    "ProviderRefused: the account is not activated",
    "ProviderUnavailable: the provider answers 500",
    "MailRefused: 550",
)
PRINTS = tuple(f"f{which:011x}" for which in range(len(CAUSES)))
"""The fingerprints of CAUSES."""

_ORDERS = {
    Stage.CART: OrderStatus.CART,
    Stage.SCREENING: OrderStatus.SCREENING,
    Stage.HELD: OrderStatus.EXPORT_HOLD,
    Stage.PENDING: OrderStatus.PROCESSING,
    Stage.CANCELLED: OrderStatus.CANCELLED,
    Stage.EXPIRED: OrderStatus.EXPIRED,
    Stage.REJECTED: OrderStatus.REJECTED,
}
_SUBSCRIPTIONS = {
    Stage.PENDING: SubscriptionStatus.PENDING_ACTIVATION,
    Stage.RETAINED: SubscriptionStatus.DATA_RETAINED,
}


def order_view(life: Life, buyer: str, names: str) -> str:
    """The order's projection as JSON, with the ids of the buyer and of the record of names."""
    status = _ORDERS.get(life.stage, OrderStatus.COMPLETED)
    held = life.stage is Stage.HELD
    projection = OrderProjection(
        **_shared(life, buyer, names),
        id=life.order,
        agenda=() if life.begun else _agenda(life, Due.HOLD_MAX if held else Due.CART_ABANDONED),
        waiting_for=WaitingFor.COMPLIANCE_REVIEW if held else None,
        status=status,
        standing=status,
        language="fr",
        country="FR",
        audience="company",
        currency="EUR",
        lines=(_line(life),),
        total=PRICE,
        created_at=life.at,
        placed_at=life.at + timedelta(minutes=7) if life.placed else None,
        declined_at=None,
        cancel_requested_at=life.at + DAY if life.stage is Stage.CANCELLED else None,
        terms_sha256=HASH if life.placed else None,
        certificate=None,
        hold=_hold(life) if held else None,
        parked=(),
    )
    return to_json(projection).decode()


def subscription_view(life: Life, buyer: str, names: str, holders: tuple[str, ...]) -> str:
    """The subscription's projection as JSON; `holders` are the people with its seats."""
    status = _SUBSCRIPTIONS.get(life.stage, SubscriptionStatus.ACTIVE)
    pending, over = life.stage is Stage.PENDING, life.stage is Stage.RETAINED
    began = None if pending else life.at + DAY
    facts: dict[str, Any] = {
        "past_due_since": life.at + YEAR if life.stage is Stage.PAST_DUE else None,
        "stop_requested_at": life.at + 9 * DAY if life.stage in (Stage.STOPPED, Stage.RETAINED) else None,
        "renewal_committed_at": life.at + YEAR - 5 * DAY if life.stage is Stage.COMMITTED else None,
    }
    projection = SubscriptionProjection(
        **_shared(life, buyer, names),
        **facts,
        id=life.subscription,
        agenda=_agenda(life, Due.ACTIVATION_WINDOW if pending else Due.TERM_END),
        waiting_for=_waiting(life),
        status=status,
        standing=standing(status, facts),
        order_id=life.order,
        sku=life.sku,
        product="Design Suite",
        licence_kind="individual",
        quantity=3,
        term="P1Y",
        amount=PRICE,
        ordered_at=life.at,
        click_is_signature=False,
        charge_at=ChargeAt.ACTIVATION,
        user_management=True,
        invitation_window="PT72H",
        steps=tuple(
            StepProgress(step=step, done_at=began) for step in ("open_contract", "click_activate", "sign")
        ),
        activation_by=life.at + 90 * DAY,
        document=Document(id=f"doc{life.subscription[3:]}", sha256=HASH),
        signed_document=None if pending else Document(id=signed_id(life), sha256=HASH),
        term_number=0,
        term_start=began,
        term_end=began and began + YEAR,
        usable_until=began and began + YEAR,
        stop_by=began and began + YEAR - 5 * DAY,
        next_renewal_at=None if began is None or facts["stop_requested_at"] else began + YEAR,
        ended_at=life.at + YEAR if over else None,
        retained_until=life.at + YEAR + 14 * DAY if over else None,
        seat_count=3,
        seats=tuple(_seat(life, number, party) for number, party in enumerate(holders, 1)),
        parked=(_parked(life),) if life.parked else (),
    )
    return to_json(projection).decode()


def signed_id(life: Life) -> str:
    """The id of the signed copy of the contract."""
    return f"sig{life.subscription[3:]}"


def _shared(life: Life, buyer: str, names: str) -> dict[str, Any]:
    return {
        "store": life.store,
        "number": life.order_number,
        "purchase_order_number": life.purchase_order_number,
        "payment": None,
        "delayed_at": life.at + 3 * DAY if life.delayed else None,
        "policy_hash": HASH,
        "buyer": buyer,
        "buyer_names": names,
    }


def _line(life: Life) -> OrderLine:
    return OrderLine(
        sku=life.sku,
        quantity=3,
        term="P1Y",
        licence_kind="individual",
        product="Design Suite",
        price=PRICE,
        amount=PRICE,
        subscription=life.subscription if life.begun else None,
        outcome=LineOutcome.ACTIVE if life.begun and life.stage is not Stage.PENDING else None,
    )


def _hold(life: Life) -> HoldProjection:
    reason = HoldReason(code="screening_match", rule="T6", detail="a name resembles a listed one")
    return HoldProjection(opened_at=life.at + DAY, reasons=(reason,), decisions={}, turn=1)


def _agenda(life: Life, what: Due) -> tuple[AgendaEntry, ...]:
    if life.next_at is None:
        return ()
    return (AgendaEntry(due_at=life.next_at, what=what, rule="P5", protects="customer", held=False),)


def _waiting(life: Life) -> WaitingFor | None:
    if life.parked:
        return WaitingFor.OPERATOR
    if life.stage is Stage.PAST_DUE:
        return WaitingFor.BUYER_PAYMENT_METHOD
    return WaitingFor.BUYER_SIGN if life.stage is Stage.PENDING else None


def _seat(life: Life, number: int, party: str) -> SeatProjection:
    return SeatProjection(
        number=number,
        state=SeatState.ASSIGNED,
        invitation=1,
        invited_at=life.at + DAY,
        open_until=None,
        party=party,
    )


def _parked(life: Life) -> ParkedStep:
    which = life.number % len(CAUSES)
    return ParkedStep(
        step="payment",
        cause=CAUSES[which],
        fingerprint=PRINTS[which],
        since=life.at + DAY,
        reason=None,
        editable={"method": "mandate"},
    )
