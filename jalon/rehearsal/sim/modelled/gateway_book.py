"""The records of a payment provider in memory: charges, mandates, refunds, and the challenges that wait for a customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jalon.domain.money import Money
from jalon.integrations.payments.port import Declined, Refunded, RefundResult
from jalon.local.payment_sandbox.cards import (
    AUTHENTICATION_FAILED,
    CANCELLED,
    EXCEEDS_CAPTURED,
    MANDATE_RELEASED,
    NOT_CAPTURED,
    Challenge,
    Decline,
    card_of,
)


@dataclass(slots=True)
class Charge:
    """One recorded charge."""

    reference: str
    key: str
    amount: Money
    method: str
    mandate: str | None
    metadata: Mapping[str, str]
    at: datetime
    status: str = "succeeded"
    decline: Decline | None = None
    refunded: Money | None = None

    @property
    def kept(self) -> Money:
        """The amount captured and not refunded."""
        zero = Money.zero(self.amount.currency)
        return (self.amount - (self.refunded or zero)) if self.status == "succeeded" else zero

    def is_paid_like(self, other: Charge) -> bool:
        """Whether another charge was made under the same mandate, or with the same card without a mandate."""
        if self.mandate:
            return other.mandate == self.mandate
        return other.mandate is None and other.method == self.method


@dataclass(slots=True)
class Mandate:
    """One authority to collect."""

    reference: str
    key: str
    method: str
    metadata: Mapping[str, str]
    at: datetime
    status: str = "stored"
    decline: Decline | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund, or the reason why it failed."""

    charge: str
    amount: Money
    result: RefundResult


class Book:
    """The provider's records. Listeners on `captured` receive each charge that succeeds."""

    def __init__(self) -> None:
        self.charges: dict[str, Charge] = {}
        self.mandates: dict[str, Mandate] = {}
        self.refunds: dict[str, Refund] = {}
        self.refunds_by_key: dict[str, list[str]] = {}
        self.captured: list[Callable[[Charge], None]] = []
        self._count = 0

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"

    # -- charges -----------------------------------------------------------------------------------------------------------

    def charge(
        self,
        key: str,
        amount: Money,
        method: str,
        metadata: Mapping[str, str],
        at: datetime,
        mandate: str | None,
    ) -> str:
        """Captures, declines or challenges a charge, and returns its reference."""
        charge = Charge(self._name("ch"), key, amount, method, mandate, dict(metadata), at)
        stored = self.mandates[mandate] if mandate else None
        card = card_of(stored.method if stored else method)
        self.charges[charge.reference] = charge
        if stored is not None and stored.status != "stored":
            charge.status, charge.decline = "declined", MANDATE_RELEASED
        elif card.challenge is Challenge.ALWAYS or (
            card.challenge is Challenge.ON_SESSION and stored is None
        ):
            charge.status = "action_required"
        else:
            self._decide(charge, card.on_charge(self._number_of(charge)))
        return charge.reference

    def _decide(self, charge: Charge, decline: Decline | None) -> None:
        charge.decline, charge.status = decline, "declined" if decline else "succeeded"
        if decline is None:
            for call in self.captured:
                call(charge)

    def _number_of(self, charge: Charge) -> int:
        """The number of the charge among the decided ones of its payer, from 1."""
        others = (other for other in self.charges.values() if other is not charge)
        decided = (other for other in others if other.status != "action_required")
        return 1 + sum(charge.is_paid_like(other) for other in decided)

    def withdraw(self, reference: str) -> str:
        """Withdraws a charge that waits for its customer, and returns its reference."""
        charge = self.charges[reference]
        if charge.status == "action_required":
            charge.status, charge.decline = "declined", CANCELLED
        return reference

    # -- mandates ----------------------------------------------------------------------------------------------------------

    def store(self, key: str, method: str, metadata: Mapping[str, str], at: datetime) -> str:
        """Stores, declines or challenges a mandate, and returns its reference."""
        card = card_of(method)
        mandate = Mandate(self._name("man"), key, method, dict(metadata), at)
        self.mandates[mandate.reference] = mandate
        mandate.decline = card.on_storing()
        if mandate.decline is not None:
            mandate.status = "declined"
        elif card.challenge is not Challenge.NEVER:
            mandate.status = "action_required"
        return mandate.reference

    def release(self, reference: str, at: datetime) -> str:
        """Releases a mandate, and returns its reference."""
        mandate = self.mandates[reference]
        if mandate.status in ("stored", "action_required"):
            mandate.status, mandate.released_at = "released", at
        return reference

    # -- refunds and challenges --------------------------------------------------------------------------------------------

    def refund(self, key: str, charge_reference: str, amount: Money, at: datetime) -> str:
        """Refunds where that much is left, and returns the refund's reference."""
        charge, reference = self.charges[charge_reference], self._name("re")
        self.refunds[reference] = Refund(charge_reference, amount, _refunded(charge, reference, amount, at))
        self.refunds_by_key.setdefault(key, []).append(reference)
        return reference

    def answer(self, reference: str, *, approved: bool) -> Charge | Mandate | None:
        """The charge or mandate that a customer's answer decides; None where it no longer waits for one."""
        made = self.charges.get(reference) or self.mandates[reference]
        if made.status != "action_required":
            return None
        if not approved:
            made.status, made.decline = "declined", AUTHENTICATION_FAILED
        elif isinstance(made, Charge):
            self._decide(made, card_of(made.method).on_charge(self._number_of(made)))
        else:
            made.status = "stored"
        return made


def _refunded(charge: Charge, reference: str, amount: Money, at: datetime) -> RefundResult:
    if charge.status != "succeeded":
        return Declined(NOT_CAPTURED.code, reference, retryable=False)
    if amount.amount > charge.kept.amount:
        return Declined(EXCEEDS_CAPTURED.code, reference, retryable=False)
    charge.refunded = (charge.refunded or Money.zero(amount.currency)) + amount
    return Refunded(reference, at)
