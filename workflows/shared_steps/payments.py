"""Payments in every kind of entity: the state of one, and the hint to read it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflows.engine.commands import Command


@dataclass(frozen=True)
class PaymentReported(Command):
    """The provider, or the buyer's return from it, indicates that a payment changed.

    It is a hint: the provider is asked for the state.
    """


@dataclass
class Payment:
    """The state of a payment as people read it: state, the provider's reference, the decline code, and the page where the buyer acts."""

    state: str
    generation: int
    reference: str | None = None
    code: str | None = None
    url: str | None = None
    confirm_by: datetime | None = None
