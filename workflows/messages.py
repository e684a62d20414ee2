"""What can be said to an order or a subscription: one dataclass per command, the shape of its body."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

from domain.error_codes import ErrorCode
from domain.order import Cart, CartLine, Placement
from domain.terms import LineTerms, StoreTerms
from domain.violations import Violation

Body = TypeVar("Body")


@dataclass(frozen=True)
class OpenCart:
    """A buyer begins an order; `number` is what people call it by."""

    number: str
    cart: Cart


@dataclass(frozen=True)
class EditCart:
    """What of the cart shall be otherwise from now on; the rest stays as it is."""

    buyer: str | None = None
    country: str | None = None
    audience: str | None = None
    currency: str | None = None
    lines: tuple[CartLine, ...] | None = None
    language: str | None = None


@dataclass(frozen=True)
class Place:
    """The buyer confirms the cart."""

    placement: Placement


@dataclass(frozen=True)
class AnswerCertificate:
    """The end-use questionnaire was answered; the answers are kept as a personal record."""

    record: str


@dataclass(frozen=True)
class Cancel:
    """Somebody calls the order off."""

    reason: str


@dataclass(frozen=True)
class DecideHold:
    """A reviewer releases or rejects an export hold."""

    decision: str
    reason: str


@dataclass(frozen=True)
class LineSettled:
    """A subscription tells its order that its line is active or void."""

    subscription: str
    outcome: str


@dataclass(frozen=True)
class PaymentReported:
    """The provider, or the buyer coming back from it, says that something happened to a payment: a hint to look."""


@dataclass(frozen=True)
class Begin:
    """An order begins one subscription. `captured` is what was already paid for its first term."""

    order_id: str
    number: str
    buyer: str
    purchase_order_number: str | None
    billing_address: str | None
    ordered_at: datetime
    news_by: datetime | None
    method: str
    mandate: str | None
    paid: bool
    line: LineTerms
    store: StoreTerms


@dataclass(frozen=True)
class TakeStep:
    """One activation step; `evidence` is the personal record of a signature, `document_sha256` what was shown."""

    step: str
    entry: str
    evidence: str | None = None
    document_sha256: str | None = None


@dataclass(frozen=True)
class VoidLine:
    """The order was called off before the line was active."""

    reason: str


@dataclass(frozen=True)
class ChangePaymentMethod:
    """A new token to pay with from now on."""

    method: str


@dataclass(frozen=True)
class ChangePurchaseOrder:
    """A new purchase-order number (P9, P12)."""

    purchase_order_number: str | None


@dataclass(frozen=True)
class StopRenewal:
    """Do not renew at the end of this term."""

    reason: str | None = None


@dataclass(frozen=True)
class ResumeRenewal:
    """Renew after all."""


@dataclass(frozen=True)
class AssignSeat:
    """Give a seat to a person; `seat` chooses one, else the first free one is taken."""

    party: str
    seat: int | None = None


@dataclass(frozen=True)
class AcceptInvitation:
    """The person completed their set-up through the link of this invitation."""

    seat: int
    invitation: int


@dataclass(frozen=True)
class RevokeSeat:
    """Take a seat back; access ends at once."""

    seat: int


@dataclass(frozen=True)
class Park:
    """An operator stops a step before its next effect."""

    step: str
    reason: str


@dataclass(frozen=True)
class Resolve:
    """An operator ends the parking of a step. `action` is retry, skip or compensate; `edit` changes the step's input;
    `evidence` says how the effect came about without us."""

    step: str
    action: str
    reason: str
    edit: dict[str, Any] | None = None
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True)
class Refused:
    """The command may not be done; nothing changed. `status` is the HTTP status that fits."""

    violations: tuple[Violation, ...]
    status: int = 409


def refused(
    code: ErrorCode, message: str, rule: str | None = None, pointer: str = "", status: int = 409
) -> Refused:
    """A refusal for one reason."""
    return Refused((Violation(code, message, pointer, rule),), status)


def read(shape: type[Body], body: dict[str, Any]) -> Body:
    """The body of a command in its shape. The API validated the body, so a misfit is our bug and raises."""
    value: Body = adapter(shape).validate_python(body)
    return value


def adapter(shape: type[Body]) -> TypeAdapter[Body]:
    """The validator of a shape. Building one takes longer than all else a command does, so each is built once."""
    if shape not in _ADAPTERS:
        _ADAPTERS[shape] = TypeAdapter(shape)
    return _ADAPTERS[shape]


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
