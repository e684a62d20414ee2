"""The contract page of a signed and unpaid line: the bank's confirmation can be given from it, and nothing else is promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from api.web.hosted.contract import Contract
from api.web.orders.states import line_standing
from jalon.domain.due import Due
from jalon.domain.money import Money
from jalon.domain.projections import AgendaEntry, Payment, PaymentState
from jalon.policy.authoring.loader import load_stores
from tests.api.web.hosted.test_pages import PAGES
from tests.jalon.domain.kinds.test_poles import AT, PENDING, RECOVERY
from tests.jalon.integrations.mail.samples import STORE
from tests.jalon.integrations.mail.test_emails import plain

POLICY = load_stores(Path(__file__).parents[4] / "stores")["fastening"]
TICK = timedelta(microseconds=1)
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


@pytest.mark.rule("P5", "X22")
@pytest.mark.parametrize("held", [False, True], ids=["at its end", "held open by a parked e-mail"])
def test_a_contract_awaits_its_steps_until_its_window_closes_or_while_it_is_held_open(*, held: bool) -> None:
    window = AgendaEntry(due_at=AT, what=Due.ACTIVATION_WINDOW, rule="P5", protects="vendor", held=held)
    line = replace(PENDING, agenda=(window,))
    states = [Contract(line, POLICY, AT + off).state for off in (-TICK, timedelta(), TICK)]
    assert states == ["awaiting", *(["awaiting" if held else "expired"] * 2)]
    contract = Contract(line, POLICY, AT)
    page = plain(PAGES.contract(contract.page(contract.state, "token", "nonce", "en", STORE)))
    assert ("<form" in page, "until Thursday 15 January 2026" in page) == (held, not held)
    assert (line_standing(line, AT).state == "too_late") is not held
