"""Payments as any entity knows them: where one stands, and the hint to look at it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflows.engine.commands import Command


@dataclass(frozen=True)
class PaymentReported(Command):
    """The provider, or the buyer coming back from it, says that something happened to a payment: a hint to look."""


@dataclass
class Payment:
    """Where a payment stands, for people: state, the reference at the provider, the decline code, where the buyer acts."""

    state: str
    generation: int
    reference: str | None = None
    code: str | None = None
    url: str | None = None
    confirm_by: datetime | None = None
