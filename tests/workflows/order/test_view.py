"""Whom an order waits for, as its projection says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jalon.domain.order import Cart, CartLine
from jalon.domain.projections import PaymentState, WaitingFor
from jalon.domain.statuses import ORDER_OVER, OrderStatus
from jalon.policy.authoring.loader import load_stores
from jalon.policy.decisions.freezing import frozen
from workflows.order.state import OrderState
from workflows.order.view import waiting_for
from workflows.shared_steps.payments import Payment

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
POLICY = load_stores(Path(__file__).parents[3] / "stores")["geomatics"]
CART = Cart("pty_1", "FR", "company", "EUR", (CartLine("sketcher", 1, "P1Y", "individual"),))
OPEN = Payment(PaymentState.ACTION_REQUIRED, 1)


def order(status: OrderStatus) -> OrderState:
    """A placed order whose certificate was answered and not screened yet."""
    return OrderState(POLICY.id, "ord_1", False, AT, status, terms=frozen(POLICY, CART, AT))


@pytest.mark.parametrize("status", sorted(ORDER_OVER))
def test_an_order_that_is_over_waits_for_nobody_to_confirm_its_payment(status: OrderStatus) -> None:
    state = replace(order(status), payment=OPEN)
    assert waiting_for(state) is None
    assert waiting_for(replace(state, status=OrderStatus.SUBMITTED)) is WaitingFor.BUYER_PAYMENT_CONFIRMATION


@pytest.mark.rule("T6")
def test_an_order_to_be_screened_waits_for_that_before_its_payment() -> None:
    state = order(OrderStatus.SUBMITTED)
    assert waiting_for(state) is WaitingFor.SCREENING
    assert waiting_for(replace(state, cleared_at=AT)) is WaitingFor.PAYMENT
