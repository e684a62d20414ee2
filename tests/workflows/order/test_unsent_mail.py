"""An e-mail of an order that could not leave yet is withdrawn once it is no longer true (X21)."""

from __future__ import annotations

from typing import Any

import pytest

from activities.contracts.mail import MailRequest
from jalon.domain import emails
from jalon.domain.statuses import OrderStatus
from tests.workflows.order.test_order_machine import PLACEMENT, Orders
from workflows.engine.commands import Refused
from workflows.shared_steps.payments import Payment

PLACE = ("place", {"placement": PLACEMENT})
ANSWER = ("answer_certificate", {"record": "rec_2"})
CANCEL = ("cancel", {"reason": "changed my mind"})


@pytest.fixture
def orders() -> Orders:
    """An order of which the buyer has opened the cart."""
    opened = Orders()
    opened.open()
    return opened


def hear(orders: Orders, *commands: tuple[str, dict[str, Any]]) -> None:
    for command, body in commands:
        assert not isinstance(orders.say(command, body), Refused)


def stands(orders: Orders, email: type[emails.Email]) -> bool:
    """Whether an unsent e-mail of this kind still may leave."""
    at = orders.order.state.now
    request = MailRequest("geomatics", "ord_1", "once", email.template, {}, "pty_1", at, live=False)
    return orders.order.steps.stand(orders.order, request)


@pytest.mark.rule("X21")
@pytest.mark.parametrize(
    ("email", "before", "after"),
    [
        (emails.CartReminder, (), PLACE),
        (emails.CartReminder, (), CANCEL),
        (emails.CertificateRequested, (PLACE,), ANSWER),
        (emails.CertificateRequested, (PLACE,), CANCEL),
        (emails.OrderProcessing, (PLACE, ANSWER), CANCEL),
        (emails.OrderDelayed, (PLACE, ANSWER), CANCEL),
    ],
)
def test_what_a_command_makes_untrue_stays_out(
    orders: Orders,
    email: type[emails.Email],
    before: tuple[tuple[str, dict[str, Any]], ...],
    after: tuple[str, dict[str, Any]],
) -> None:
    hear(orders, *before)
    assert stands(orders, email)
    hear(orders, after)
    assert not stands(orders, email)


@pytest.mark.rule("X21")
def test_a_demand_to_confirm_stays_out_once_the_bank_has_decided(orders: Orders) -> None:
    hear(orders, PLACE)
    orders.order.state.payment = Payment("action_required", 1, "ref_1", url="https://bank")
    assert stands(orders, emails.PaymentActionRequired)
    orders.order.state.payment = Payment("captured", 1, "ref_1")
    assert not stands(orders, emails.PaymentActionRequired)


@pytest.mark.rule("X21")
def test_word_of_a_declined_payment_stays_out_once_the_order_is_placed_again(orders: Orders) -> None:
    orders.order.state.declined_at = orders.order.state.now
    assert stands(orders, emails.PaymentFailed)
    hear(orders, PLACE)
    assert not stands(orders, emails.PaymentFailed)


@pytest.mark.rule("X21", "T6")
def test_a_word_of_a_check_stays_out_once_it_is_over(orders: Orders) -> None:
    hear(orders, PLACE, ANSWER)
    orders.order.state.status = OrderStatus.EXPORT_HOLD
    assert stands(orders, emails.ExportHold)
    orders.order.state.status = OrderStatus.SUBMITTED
    assert not stands(orders, emails.ExportHold)
