"""Amounts of money, exact to the minor unit of their currency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Self

_CURRENCY = re.compile(r"[A-Z]{3}")
_DECIMALS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "IQD": 3, "JOD": 3,
    "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}  # fmt: skip
_DECIMALS_USUAL = 2


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in major units ("1200.00"), with the decimals of `currency` (ISO 4217; JPY 0, TND 3).

    An amount finer than the minor unit is refused (ValueError): rounding is a decision, taken by `rounded`.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError(f'"{self.currency}" is not a currency: write its ISO 4217 code, as in "EUR"')
        if not self.amount.is_finite():
            raise ValueError(f"{self.amount} is not an amount of money")
        exact = _to_minor_unit(self.amount, self.currency)
        if exact != self.amount:
            raise ValueError(f"{self.amount} {self.currency} is finer than the currency's minor unit")
        object.__setattr__(self, "amount", exact)

    @classmethod
    def rounded(cls, amount: Decimal | Fraction, currency: str) -> Self:
        """The nearest amount in whole minor units, halves away from zero."""
        return cls(_to_minor_unit(amount, currency), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in a currency."""
        return cls(Decimal(0), currency)

    @classmethod
    def from_dict(cls, value: Mapping[str, str]) -> Self:
        """The inverse of `as_dict`."""
        return cls(Decimal(value["amount"]), value["currency"])

    def as_dict(self) -> dict[str, str]:
        """{"amount": "1200.00", "currency": "EUR"}."""
        return {"amount": str(self.amount), "currency": self.currency}

    def allocate(self, parts: int) -> tuple[Money, ...]:
        """Split in `parts` that differ by one minor unit at most, larger first, and sum to the whole."""
        if parts < 1:
            raise ValueError(f"an amount splits in 1 part or more, not {parts}")
        scale = 10 ** decimals(self.currency)
        sign = -1 if self.amount < 0 else 1
        share, left_over = divmod(int(abs(self.amount) * scale), parts)
        units = (share + (index < left_over) for index in range(parts))
        return tuple(Money(Decimal(sign * unit) / scale, self.currency) for unit in units)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same_currency(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same_currency(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.amount * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same_currency(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self} and {other} are of different currencies")
        return other.amount


def decimals(currency: str) -> int:
    """The decimals of a currency's minor unit."""
    return _DECIMALS.get(currency, _DECIMALS_USUAL)


def _to_minor_unit(amount: Decimal | Fraction, currency: str) -> Decimal:
    if isinstance(amount, Fraction):
        return _fraction_to_minor_unit(amount, currency)
    with localcontext(prec=60):
        return amount.quantize(Decimal(1).scaleb(-decimals(currency)), ROUND_HALF_UP)


def _fraction_to_minor_unit(amount: Fraction, currency: str) -> Decimal:
    scaled = abs(amount) * 10 ** decimals(currency)
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(units if amount >= 0 else -units).scaleb(-decimals(currency))
