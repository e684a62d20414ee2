"""Card numbers are told from the other numbers that a company uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        "3782 822463 10005",
        "4242  4242  4242  4242",
        "4242\u00a04242\u00a04242\u00a04242",
        "4242\u20134242\u20134242\u20134242",
        "4242:4242:4242:4242",
        "4242 / 4242 / 4242 / 4242",
        "4242,4242,4242,4242",
        "42 42 42 42 42 42 42 42",
        "４２４２ ４２４２ ４２４２ ４２４２",
        "2026-4242-4242-4242-4242",
        "PO 12 4242 4242 4242 4242",
        "PO 12 4242424242424242 of 2026-11-27",
        "4242 4242 4242 4242 12/28 123",
    ],
)
def test_a_card_number_is_found_however_it_is_written(text: str) -> None:
    assert holds_card(text)
    assert looks_like_card(text)


@given(
    st.sampled_from([VISA, AMEX, "5555555555554444", "2223003122003222", "6011111111111117", "3530111333300000",
                     "30569309025904", "6200000000000005", "4222222222222", "6304000000000000"]),
    st.sampled_from(["", " ", "-", "\u00a0", "\u2013", ":", " - ", "..", "_", "/"]),
    st.from_regex(r"(?:[0-9]{1,3}[ -]|PO |)", fullmatch=True),
    st.from_regex(r"(?:| [0-9]{2}/[0-9]{2}|, paid)", fullmatch=True),
)  # fmt: skip
def test_a_card_s_number_is_found_between_other_numbers(
    card: str, apart: str, ahead: str, behind: str
) -> None:
    groups = [card[:4], card[4:10], card[10:]] if len(card) in (14, 15) else re.findall(".{1,4}", card)
    assert holds_card(f"{ahead}{apart.join(groups)}{behind}")


def test_a_company_s_numbers_are_seldom_taken_for_a_card_s() -> None:
    chance = Random(1)  # noqa: S311 — numbers of orders, no secrets

    def numbers(shape: str) -> Iterator[str]:
        for _ in range(4_000):
            yield re.sub("#", lambda _: str(chance.randrange(10)), shape)

    def share(shape: str) -> float:
        return sum(map(holds_card, numbers(shape))) / 4_000

    usual = [
        "45########",
        "PO-20##-######",
        "202#-1#-2#/######",
        "202#112#-45########",
        "45########-20##-#####",
    ]
    assert {shape: share(shape) for shape in usual} == dict.fromkeys(usual, 0)
    assert share("0# ## ## ## ## / 0# ## ## ## ##") == 0
    assert share("##############") < 0.03
    assert share("################") < 0.05


@pytest.mark.parametrize(
    "text",
    ["PO-2026-001", "4500012345", "4242424242424241", "1234567890123452", "2026-11-26/000123", "card_ok", ""],
)
def test_a_company_s_own_number_is_none(text: str) -> None:
    assert not holds_card(text)


@pytest.mark.parametrize("token", ["card_ok", "tok_1A2b3C", "pm_1234", "card_expires_later.fastening-01"])
def test_a_token_is_no_card_number(token: str) -> None:
    assert not looks_like_card(token)


@pytest.mark.parametrize(
    "token", ["4111--1111--1111--1111", "tok_4111,1111,1111,1111", "4111_._1111_._1111_._1111"]
)
def test_a_card_number_is_no_token_however_far_apart(token: str) -> None:
    assert looks_like_card(token)
