"""Every card of the sandbox behaves as the documentation's table states."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jalon.domain.money import Money
from jalon.integrations.payments.port import (
    DECLINE_CODES,
    ActionRequired,
    Declined,
    MandateStored,
    PaymentProvider,
    Succeeded,
)
from jalon.local.payment_sandbox.cards import CARDS
from tests.jalon.local.payment_sandbox_process import ROOT

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
PRICE = Money(Decimal("49.00"), "EUR")
PAGE = ROOT / "docs" / "payments-sandbox.md"

PAID, STORED, CONFIRM = "paid", "stored", "confirm"
# token: what storing it gives, then its first and second charge (under the mandate where there is one)
OUTCOMES = {
    "card_ok": (STORED, PAID, PAID),
    "card_insufficient_funds": (STORED, "insufficient_funds, later", "insufficient_funds, later"),
    "card_declined": (STORED, "do_not_honor, later", "do_not_honor, later"),
    "card_limit_exceeded": (STORED, "limit_exceeded, later", "limit_exceeded, later"),
    "card_processing_error": (STORED, "processing_error, later", "processing_error, later"),
    "card_expired": ("expired_card", "expired_card", "expired_card"),
    "card_lost": ("lost_card", "lost_card", "lost_card"),
    "card_stolen": ("stolen_card", "stolen_card", "stolen_card"),
    "card_fraud": ("suspected_fraud", "suspected_fraud", "suspected_fraud"),
    "card_incorrect_cvc": ("incorrect_cvc", "incorrect_cvc", "incorrect_cvc"),
    "card_mandate_revoked": (STORED, "mandate_revoked", "mandate_revoked"),
    "card_recovers": (STORED, "insufficient_funds, later", PAID),
    "card_recovers_late": (STORED, "insufficient_funds, later", "insufficient_funds, later"),
    "card_expires_later": (STORED, PAID, "expired_card"),
    "card_3ds": (CONFIRM, CONFIRM, CONFIRM),
    "card_3ds_insufficient_funds": (CONFIRM, CONFIRM, CONFIRM),
    "card_3ds_always": (CONFIRM, CONFIRM, CONFIRM),
    "card_nobody_made": ("unknown_method", "unknown_method", "unknown_method"),
}


@pytest.mark.parametrize("token", OUTCOMES)
async def test_a_card_does_what_it_says(provider: PaymentProvider, key: str, token: str) -> None:
    method = f"{token}.{key}"
    stored = await provider.store_mandate(f"{key}-m", method, {}, AT)
    mandate = stored.reference if isinstance(stored, MandateStored) else None
    charges = [await provider.charge(f"{key}-{n}", PRICE, method, {}, AT, mandate) for n in range(2)]
    assert tuple(map(_told, (stored, *charges))) == OUTCOMES[token]


async def test_a_card_that_recovers_late_pays_the_fourth_time(provider: PaymentProvider, key: str) -> None:
    charges = [
        await provider.charge(f"{key}-{n}", PRICE, f"card_recovers_late.{key}", {}, AT) for n in range(5)
    ]
    assert [isinstance(charge, Succeeded) for charge in charges] == [False, False, False, True, True]


async def test_two_mandates_of_one_token_count_their_own_charges(provider: PaymentProvider, key: str) -> None:
    for n in range(2):
        stored = await provider.store_mandate(f"{key}-m{n}", "card_recovers", {}, AT)
        assert isinstance(stored, MandateStored)
        charge = await provider.charge(f"{key}-{n}", PRICE, "card_recovers", {}, AT, stored.reference)
        assert isinstance(charge, Declined)


def test_every_card_is_tested_and_documented() -> None:
    assert set(OUTCOMES) - {"card_nobody_made"} == set(CARDS)
    documented = _page()
    assert [token for token in CARDS if f"`{token}`" not in documented] == []


def test_every_decline_code_is_documented() -> None:
    documented = _page()
    assert [code for code in sorted(DECLINE_CODES) if f"`{code}`" not in documented] == []


def _page() -> str:
    return PAGE.read_text(encoding="utf-8")


def _told(outcome: object) -> str:
    match outcome:
        case Succeeded():
            return PAID
        case MandateStored():
            return STORED
        case ActionRequired():
            return CONFIRM
        case Declined(code=code, retryable=retryable):
            assert code in DECLINE_CODES
            return f"{code}, later" if retryable else code
        case _:
            raise AssertionError(outcome)
