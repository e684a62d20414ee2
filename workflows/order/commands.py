"""What may be said to an order."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.order import Cart, CartLine, Placement
from workflows.engine.commands import Command


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
