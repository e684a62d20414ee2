"""Commands to an order or a subscription: one closed class each, whose fields are the body of its receipt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import to_jsonable_python

from jalon.domain.error_codes import ErrorCode
from jalon.domain.order import Cart, CartLine, Placement
from jalon.domain.terms import LineTerms, StoreTerms
from jalon.domain.violations import Violation

Shape = TypeVar("Shape")
COMMANDS: dict[str, type[Command]] = {}
"""Every command by its name."""


class Command:
    """A command; its `name` in receipts is the class name in snake_case. A key that it does not know is refused."""

    name: ClassVar[str]
    __pydantic_config__ = ConfigDict(extra="forbid")

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        COMMANDS[cls.name] = cls

    def as_body(self) -> dict[str, Any]:
        """The body of the command's receipt, as plain JSON."""
        body: dict[str, Any] = to_jsonable_python(self)
        return body


@dataclass(frozen=True)
class OpenCart(Command):
    """A buyer begins an order; `number` is what people call it by."""

    number: str
    cart: Cart


@dataclass(frozen=True)
class EditCart(Command):
    """What of the cart shall be otherwise from now on; the rest stays as it is."""

    buyer: str | None = None
    country: str | None = None
    audience: str | None = None
    currency: str | None = None
    lines: tuple[CartLine, ...] | None = None
    language: str | None = None


@dataclass(frozen=True)
class Place(Command):
    """The buyer confirms the cart."""

    placement: Placement


@dataclass(frozen=True)
class AnswerCertificate(Command):
    """The end-use questionnaire was answered; the answers are kept as a personal record."""

    record: str


@dataclass(frozen=True)
class Cancel(Command):
    """Somebody calls the order off."""

    reason: str


@dataclass(frozen=True)
class DecideHold(Command):
    """A reviewer releases or rejects an export hold."""

    decision: str
    reason: str


@dataclass(frozen=True)
class LineSettled(Command):
    """A subscription tells its order that its line is active or void."""

    subscription: str
    outcome: str


@dataclass(frozen=True)
class PaymentReported(Command):
    """The provider, or the buyer coming back from it, says that something happened to a payment: a hint to look."""


@dataclass(frozen=True)
class Begin(Command):
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
class TakeStep(Command):
    """One activation step; `evidence` is the personal record of a signature, `document_sha256` what was shown."""

    step: str
    entry: str
    evidence: str | None = None
    document_sha256: str | None = None


@dataclass(frozen=True)
class VoidLine(Command):
    """The order was called off before the line was active."""

    reason: str


@dataclass(frozen=True)
class ChangePaymentMethod(Command):
    """A new token to pay with from now on."""

    method: str


@dataclass(frozen=True)
class ChangePurchaseOrder(Command):
    """A new purchase-order number (P9, P12)."""

    purchase_order_number: str | None


@dataclass(frozen=True)
class StopRenewal(Command):
    """Do not renew at the end of this term."""

    reason: str | None = None


@dataclass(frozen=True)
class ResumeRenewal(Command):
    """Renew after all."""


@dataclass(frozen=True)
class AssignSeat(Command):
    """Give a seat to a person; `seat` chooses one, else the first free one is taken."""

    party: str
    seat: int | None = None


@dataclass(frozen=True)
class AcceptInvitation(Command):
    """The person completed their set-up through the link of this invitation."""

    seat: int
    invitation: int


@dataclass(frozen=True)
class RevokeSeat(Command):
    """Take a seat back; access ends at once."""

    seat: int


@dataclass(frozen=True)
class Park(Command):
    """An operator stops a step before its next effect."""

    step: str
    reason: str


@dataclass(frozen=True)
class Resolve(Command):
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


def read_command(name: str, body: dict[str, Any]) -> Command:
    """The command of a receipt. A name or body that does not fit is a fault of ours: LookupError, ValidationError."""
    command = COMMANDS.get(name)
    if command is None:
        raise LookupError(f"there is no command {name}")
    read: Command = adapter(command).validate_python(body)
    return read


def adapter(shape: type[Shape]) -> TypeAdapter[Shape]:
    """The validator of a shape. Building one takes longer than all else a command does, so each is built once."""
    if shape not in _ADAPTERS:
        _ADAPTERS[shape] = TypeAdapter(shape)
    return _ADAPTERS[shape]


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
