"""Card numbers are told from the other numbers that a company uses."""

from __future__ import annotations

import pytest

from jalon.domain.cards import holds_card, looks_like_card

VISA, AMEX = "4242424242424242", "378282246310005"


@pytest.mark.parametrize(
    "text",
    [
        VISA,
        AMEX,
        "4242 4242 4242 4242",
        "4242.4242.4242.4242",
        "4242-4242-4242-4242",
        f"card:{VISA}",
        f"PO {AMEX} of today",
    ],
)
def test_a_card_number_is_found_however_it_is_written(text: str) -> None:
    assert holds_card(text)
    assert looks_like_card(text)


@pytest.mark.parametrize(
    "text",
    ["PO-2026-001", "4500012345", "4242424242424241", "1234567890123452", "2026-11-26/000123", "card_ok", ""],
)
def test_a_company_s_own_number_is_none(text: str) -> None:
    assert not holds_card(text)


@pytest.mark.parametrize("token", ["card_ok", "tok_1A2b3C", "pm_1234", "card_expires_later.fastening-01"])
def test_a_token_is_no_card_number(token: str) -> None:
    assert not looks_like_card(token)
