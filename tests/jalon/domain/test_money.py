"""Money is exact to the minor unit, and a split loses nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.money import Money, decimals


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("price", "share", "currency", "amount"),
    [
        ("24.95", Fraction(9, 31), "USD", "7.24"),
        ("250", Fraction(344, 365), "USD", "235.62"),
        ("1200", Fraction(266, 365), "EUR", "874.52"),
        ("1200", Fraction(199, 366), "EUR", "652.46"),
        ("1", Fraction(1, 8), "EUR", "0.13"),
        ("-1", Fraction(1, 8), "EUR", "-0.13"),
        ("1", Fraction(1, 2), "JPY", "1"),
        ("1", Fraction(1, 2000), "TND", "0.001"),
    ],
)
def test_a_share_is_rounded_once_half_up(price: str, share: Fraction, currency: str, amount: str) -> None:
    assert Money.rounded(Fraction(Decimal(price)) * share, currency).as_dict() == {
        "amount": amount,
        "currency": currency,
    }


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.125", "0.13"), ("0.124999", "0.12"), ("-0.125", "-0.13")]
)
def test_decimals_round_half_up_too(amount: str, rounded: str) -> None:
    assert Money.rounded(Decimal(amount), "EUR") == eur(rounded)


@pytest.mark.parametrize(
    ("whole", "parts", "shares"),
    [
        (eur("100.00"), 3, ["33.34", "33.33", "33.33"]),
        (eur("-100.00"), 3, ["-33.34", "-33.33", "-33.33"]),
        (eur("0.02"), 3, ["0.01", "0.01", "0.00"]),
        (Money(Decimal(100), "JPY"), 3, ["34", "33", "33"]),
        (Money(Decimal(1), "TND"), 3, ["0.334", "0.333", "0.333"]),
    ],
)
def test_a_split_gives_the_remainder_to_earlier_parts(whole: Money, parts: int, shares: list[str]) -> None:
    assert [str(part.amount) for part in whole.allocate(parts)] == shares


@given(st.integers(-(10**12), 10**12), st.integers(1, 500), st.sampled_from(["EUR", "JPY", "TND", "CLF"]))
def test_a_split_sums_exactly_and_evenly(units: int, parts: int, currency: str) -> None:
    whole = Money(Decimal(units).scaleb(-decimals(currency)), currency)
    shares = whole.allocate(parts)
    assert len(shares) == parts
    assert sum(shares, Money.zero(currency)) == whole
    assert max(s.amount for s in shares) - min(s.amount for s in shares) <= Decimal(1).scaleb(
        -decimals(currency)
    )


def test_always_shows_the_decimals_of_its_currency() -> None:
    assert eur("1200").as_dict() == {"amount": "1200.00", "currency": "EUR"}
    assert str(Money(Decimal("7.0"), "JPY")) == "7 JPY"
    assert str(Money(Decimal(7), "TND")) == "7.000 TND"
    assert str(Money(Decimal("1E3"), "EUR")) == "1000.00 EUR"
    assert eur("1200.0") == eur("1200") == Money.from_dict({"amount": "1200.00", "currency": "EUR"})


@given(st.decimals(-(10**9), 10**9, places=2))
def test_round_trips_as_a_dict(amount: Decimal) -> None:
    money = Money(amount, "EUR")
    assert Money.from_dict(money.as_dict()) == money


def test_counts() -> None:
    assert eur("10.10") + eur("0.90") - eur("1.00") == eur("10.00")
    assert eur("24.95") * 3 == eur("74.85")
    assert -eur("1.00") == eur("-1.00")


def test_different_currencies_do_not_add() -> None:
    with pytest.raises(ValueError, match=r"1.00 EUR and 1.00 USD are of different currencies"):
        eur("1") + Money(Decimal(1), "USD")


@pytest.mark.parametrize(
    ("amount", "currency", "says"),
    [
        ("1.005", "EUR", "finer than"),
        ("1.5", "JPY", "finer than"),
        ("NaN", "EUR", "not an amount"),
        ("Infinity", "EUR", "not an amount"),
        ("1", "eur", "not a currency"),
        ("1", "EURO", "not a currency"),
    ],
)
def test_refuses_what_is_no_amount(amount: str, currency: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Money(Decimal(amount), currency)


def test_splits_in_one_part_or_more() -> None:
    with pytest.raises(ValueError, match="1 part or more"):
        eur("1").allocate(0)
