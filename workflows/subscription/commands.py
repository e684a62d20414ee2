"""What may be said to a subscription."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine.commands import Command


@dataclass(frozen=True)
class TakeStep(Command):
    """One activation step; `evidence` is the personal record of a signature, `document_sha256` what was shown."""

    step: str
    entry: str
    evidence: str | None = None
    document_sha256: str | None = None


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
