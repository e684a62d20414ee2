"""The contract page of a signed and unpaid line: the bank's confirmation can be given from it, and nothing else is promised."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from api.web.hosted.contract import Contract
from jalon.domain.money import Money
from jalon.domain.projections import Payment, PaymentState
from jalon.policy.authoring.loader import load_stores
from tests.api.web.hosted.test_pages import PAGES
from tests.jalon.domain.kinds.test_poles import AT, PENDING, RECOVERY
from tests.jalon.integrations.mail.samples import STORE
from tests.jalon.integrations.mail.test_emails import plain

POLICY = load_stores(Path(__file__).parents[4] / "stores")["fastening"]
BANK = "https://bank.example.com/challenge"
SETTLE = "/h/payment/token"


def page_of(payment: Payment) -> str:
    """The page of a line that was signed and is not paid."""
    steps = tuple(replace(step, done_at=AT) for step in PENDING.steps)
    amount = Money(Decimal(960), "EUR")
    line = replace(PENDING, steps=steps, payment=payment, amount=amount, agenda=(RECOVERY,))
    contract = Contract(line, POLICY, AT)
    assert contract.state == "payment"
    return PAGES.contract(contract.page(contract.state, "token", "nonce", "en", STORE, payment_url=SETTLE))


@pytest.mark.rule("X3", "X22")
@pytest.mark.parametrize("state", [PaymentState.ACTION_REQUIRED, PaymentState.DECLINED])
def test_a_payment_that_failed_or_waits_is_settled_from_the_page(state: PaymentState) -> None:
    page = page_of(Payment(state=state, code=None, action_url=BANK))
    assert "One thing is left: the payment" in page
    assert f'<a class="button" href="{SETTLE}">Settle the payment</a>' in page
    assert BANK not in page
    assert STORE.support_email in page


@pytest.mark.rule("X3", "X22")
def test_the_page_of_an_unpaid_line_says_how_much_is_due_until_when() -> None:
    page = plain(page_of(Payment(state=PaymentState.DECLINED, code="card_declined", action_url=None)))
    assert "<dd>€960.00</dd>" in page
    assert "Payment<span>until Thursday 15 January 2026, 10:59</span>" in page
