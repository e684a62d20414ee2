"""Entities as people read them: plain JSON without personal data. The projection is exactly this."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from jalon.domain.order import subscription_id
from jalon.domain.statuses import OrderStatus, SubscriptionStatus, standing
from workflows.engine.agenda import Due
from workflows.engine.state import EDITABLE, EntityState
from workflows.order.state import OrderState
from workflows.shared_steps.payments import Payment
from workflows.subscription.state import SubscriptionState


def _common(state: EntityState) -> dict[str, Any]:
    parked = [
        {
            "step": p.step,
            "cause": p.cause,
            "fingerprint": p.fingerprint,
            "since": p.since,
            "reason": p.reason,
            "editable": {name: p.request[name] for name in sorted(EDITABLE & set(p.request))},
        }
        for p in state.parked.values()
    ]
    return {
        "id": state.id,
        "store": state.store,
        "status": state.status,
        "standing": standing(state.status, vars(state)),
        "agenda": state.agenda.as_view(),
        "parked": parked,
    }


def _payment(payment: Payment | None) -> dict[str, Any] | None:
    return (
        None if payment is None else {"state": payment.state, "code": payment.code, "action_url": payment.url}
    )


def order(state: OrderState) -> dict[str, Any]:
    """The order: what was wanted, on which terms, where it stands and what it waits for."""
    cart, terms, placement = state.cart, state.terms, state.placement
    hold = state.hold
    return _common(state) | {
        "number": state.number,
        "buyer": cart.buyer if cart else None,
        "language": cart.language if cart else None,
        "country": cart.country if cart else None,
        "audience": cart.audience if cart else None,
        "currency": cart.currency if cart else None,
        "lines": _lines(state),
        "total": state.total.as_dict() if state.total else None,
        "purchase_order_number": placement.purchase_order_number if placement else None,
        "created_at": state.created_at,
        "placed_at": state.placed_at,
        "delayed_at": state.delayed_at,
        "declined_at": state.declined_at,
        "terms_sha256": terms.sha256 if terms else None,
        "policy_hash": terms.store.policy_hash if terms else None,
        "certificate": state.certificate,
        "hold": {
            "opened_at": hold.opened_at,
            "reasons": hold.reasons,
            "decisions": hold.decisions,
            "turn": state.placements,
        }
        if hold
        else None,
        "payment": _payment(state.payment),
        "waiting_for": waiting_for_order(state),
    }


def _lines(state: OrderState) -> list[dict[str, Any]]:
    cart = state.cart
    if cart is None:
        return []
    lines = []
    for number, line in enumerate(cart.lines):
        view = asdict(line)
        if state.terms is not None and number < len(state.terms.lines):
            frozen = state.terms.lines[number]
            view |= {
                "product": frozen.product,
                "price": frozen.price.as_dict(),
                "amount": frozen.amount.as_dict(),
            }
        subscription = subscription_id(state.id, number)
        if subscription in state.lines:
            view |= {"subscription": subscription, "outcome": state.lines[subscription]}
        lines.append(view)
    return lines


_ORDER_WAITS = {
    OrderStatus.CART: "buyer_to_place",
    OrderStatus.EXPORT_HOLD: "compliance_review",
    OrderStatus.SUBMITTED: "payment",
    OrderStatus.SCREENING: "screening",
    OrderStatus.PROCESSING: "activation",
}


def waiting_for_order(state: OrderState) -> str | None:
    """Whom or what the order waits for: a short code that support can read out."""
    if state.parked:
        return "operator"
    if state.agenda.find(Due.CERTIFICATE_WINDOW) is not None:
        return "buyer_certificate"
    if state.payment is not None and state.payment.state == "action_required":
        return "buyer_payment_confirmation"
    return _ORDER_WAITS.get(state.status)


def subscription(state: SubscriptionState) -> dict[str, Any]:
    """The subscription: what it gives, its term, its renewal, its seats and what it waits for."""
    line = state.line
    return _common(state) | {
        "order_id": state.order_id,
        "number": state.number,
        "delayed_at": state.delayed_at,
        "buyer": state.buyer,
        "purchase_order_number": state.purchase_order_number,
        "sku": line.sku if line else None,
        "product": line.product if line else None,
        "licence_kind": line.licence_kind if line else None,
        "quantity": line.quantity if line else None,
        "term": line.term if line else None,
        "amount": line.amount.as_dict() if line else None,
        "ordered_at": state.ordered_at,
        "click_is_signature": line.activation.click_is_signature if line else None,
        "charge_at": line.charge_at if line else None,
        "user_management": line.user_management if line else None,
        "invitation_window": line.invitation_window if line else None,
        "steps": [
            {"step": step, "done_at": state.steps_done.get(step)}
            for step in (line.activation.steps if line else ())
        ],
        "activation_by": state.activation_by,
        "document": {"id": state.document, "sha256": state.document_sha256} if state.document else None,
        "term_number": state.term,
        "term_start": state.term_start,
        "term_end": state.term_end,
        "stop_by": state.stop_by,
        "stop_requested_at": state.stop_requested_at,
        "renewal_committed_at": state.renewal_committed_at,
        "past_due_since": state.past_due_since,
        "next_renewal_at": state.term_end
        if state.stop_requested_at is None and state.status is not SubscriptionStatus.ENDED
        else None,
        "policy_hash": state.terms.policy_hash if state.terms else None,
        "payment": _payment(state.payment),
        "seats": [asdict(seat) for seat in state.seats],
        "ended_at": state.ended_at,
        "retained_until": state.retained_until,
        "waiting_for": waiting_for_subscription(state),
    }


def waiting_for_subscription(state: SubscriptionState) -> str | None:
    """Whom or what the subscription waits for."""
    if state.parked:
        return "operator"
    if state.agenda.find(Due.RECOVERY) is not None:
        return "buyer_payment_method"
    if state.status is SubscriptionStatus.PENDING_ACTIVATION:
        done = state.steps_done
        missing = [step for step in (state.line.activation.steps if state.line else ()) if step not in done]
        return f"buyer_{missing[0]}" if missing else "payment"
    if state.status is SubscriptionStatus.ACTIVE:
        return "payment" if state.past_due_since is not None else "term_end"
    kept = state.status in (SubscriptionStatus.ENDED, SubscriptionStatus.DATA_RETAINED)
    return "retention" if kept else None
