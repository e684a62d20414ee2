"""The commands to an order."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.order import Cart, CartLine, Placement
from workflows.engine.commands import Command


@dataclass(frozen=True)
class OpenCart(Command):
    """A buyer opens an order; `number` is the order number that people use."""

    number: str
    cart: Cart


@dataclass(frozen=True)
class EditCart(Command):
    """Changes the given fields of the cart; the others stay as they are.

    `renamed` says whether the buyer has another name or company than before; another language alone is none.
    """

    buyer: str | None = None
    country: str | None = None
    audience: str | None = None
    currency: str | None = None
    lines: tuple[CartLine, ...] | None = None
    language: str | None = None
    buyer_names: str | None = None
    renamed: bool = False


@dataclass(frozen=True)
class Place(Command):
    """The buyer confirms the cart."""

    placement: Placement


@dataclass(frozen=True)
class PlaceAgain(Command):
    """The buyer places a declined order again with another payment method; all else that they confirmed stays as it was."""

    payment_method: str


@dataclass(frozen=True)
class AnswerCertificate(Command):
    """The end-use questionnaire was answered; the answers are stored as a personal record."""

    record: str


@dataclass(frozen=True)
class Cancel(Command):
    """Cancels the order."""

    reason: str
