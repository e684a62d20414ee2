"""The projection of an order, computed from its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from jalon.domain.due import Due
from jalon.domain.money import Money
from jalon.domain.order import subscription_id
from jalon.domain.projections import (
    ChargeAt,
    LineOutcome,
    OrderLine,
    OrderProjection,
    PaymentState,
    WaitingFor,
)
from jalon.domain.statuses import ORDER_OVER, OrderStatus
from workflows.order.state import OrderState
from workflows.projected_parts import halted_steps, held, parked_steps, payment

_JSON = TypeAdapter(OrderProjection)

_WAITS: Mapping[OrderStatus, WaitingFor] = {
    OrderStatus.CART: WaitingFor.BUYER_TO_PLACE,
    OrderStatus.EXPORT_HOLD: WaitingFor.COMPLIANCE_REVIEW,
    OrderStatus.SUBMITTED: WaitingFor.PAYMENT,
    OrderStatus.SCREENING: WaitingFor.SCREENING,
    OrderStatus.PROCESSING: WaitingFor.ACTIVATION,
}


def order_view(state: OrderState) -> dict[str, Any]:
    """The order's projection as JSON."""
    view: dict[str, Any] = _JSON.dump_python(project(state), mode="json")
    return view


def project(state: OrderState) -> OrderProjection:
    """The projection: what was ordered, on which terms, the status, and whom the order waits for."""
    cart, terms, placement = state.cart, state.terms, state.placement
    return OrderProjection(
        id=state.id,
        store=state.store,
        status=state.status,
        standing=state.status,
        agenda=state.agenda.projected(),
        parked=parked_steps(state),
        halted=halted_steps(state),
        number=state.number,
        buyer=cart.buyer if cart else None,
        buyer_names=cart.buyer_names if cart else None,
        language=cart.language if cart else None,
        country=cart.country if cart else None,
        audience=cart.audience if cart else None,
        currency=cart.currency if cart else None,
        lines=tuple(_lines(state)),
        total=state.total,
        purchase_order_number=placement.purchase_order_number if placement else None,
        created_at=state.created_at,
        placed_at=state.placed_at,
        delayed_at=state.delayed_at,
        declined_at=state.declined_at,
        cancel_requested_at=state.cancel_requested_at,
        terms_sha256=terms.sha256 if terms else None,
        policy_hash=terms.store.policy_hash if terms else None,
        certificate=state.certificate,
        hold=held(state.hold),
        secured_at=state.secured_at,
        completed_at=state.completed_at,
        payment=payment(state.payment),
        waiting_for=waiting_for(state),
        due_now=_due_now(state),
        changed_since_placed=is_changed(state),
    )


def _due_now(state: OrderState) -> Money | None:
    """What the placement asks to be paid at once; None where nothing is charged before the activation."""
    if state.terms is None:
        return None
    amounts = [line.amount for line in state.terms.lines if line.charge_at == ChargeAt.ORDER]
    due = sum(amounts, Money.zero(state.terms.total.currency))
    return due if due.amount else None


def is_changed(state: OrderState) -> bool:
    """Whether the cart is another than its buyer confirmed: what is in it, for whom, and where it goes."""
    cart, confirmed = state.cart, state.confirmed
    if cart is None or confirmed is None:
        return False
    return replace(cart, language=None, buyer_names=None) != replace(
        confirmed, language=None, buyer_names=None
    )


def _lines(state: OrderState) -> list[OrderLine]:
    lines = []
    for number, line in enumerate(state.cart.lines if state.cart else ()):
        known: dict[str, Any] = {}
        if state.terms is not None and number < len(state.terms.lines):
            frozen = state.terms.lines[number]
            known |= {"product": frozen.product, "price": frozen.price, "amount": frozen.amount}
        subscription = subscription_id(state.id, number)
        if subscription in state.lines:
            known |= {"subscription": subscription, "outcome": LineOutcome(state.lines[subscription])}
        lines.append(OrderLine(**asdict(line), **known))
    return lines


def waiting_for(state: OrderState) -> WaitingFor | None:
    """Whom or what the order waits for; None where it waits for nobody."""
    if state.parked:
        return WaitingFor.OPERATOR
    if state.status in ORDER_OVER:
        return None
    if state.agenda.find(Due.CERTIFICATE_WINDOW) is not None:
        return WaitingFor.BUYER_CERTIFICATE
    if state.payment is not None and state.payment.state == PaymentState.ACTION_REQUIRED:
        return WaitingFor.BUYER_PAYMENT_CONFIRMATION
    if state.status is OrderStatus.SUBMITTED and _is_to_be_screened(state):
        return WaitingFor.SCREENING
    return _WAITS.get(state.status)


def _is_to_be_screened(state: OrderState) -> bool:
    return state.terms is not None and state.terms.export.certificate_required and state.cleared_at is None
