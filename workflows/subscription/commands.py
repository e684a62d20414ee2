"""The commands to a subscription."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine.commands import Command


@dataclass(frozen=True)
class TakeStep(Command):
    """Takes one activation step. `evidence` is the personal record of a signature, `document_sha256` the hash of the shown document."""

    step: str
    entry: str
    evidence: str | None = None
    document_sha256: str | None = None


@dataclass(frozen=True)
class ChangePaymentMethod(Command):
    """Sets a new payment token, used from now on."""

    method: str


@dataclass(frozen=True)
class ChangePurchaseOrder(Command):
    """Sets a new purchase-order number (P9, P12)."""

    purchase_order_number: str | None


@dataclass(frozen=True)
class StopRenewal(Command):
    """Stops the renewal at the end of this term."""

    reason: str | None = None


@dataclass(frozen=True)
class ResumeRenewal(Command):
    """Resumes a renewal that was stopped."""

    reason: str | None = None


@dataclass(frozen=True)
class AnnounceRenewal(Command):
    """Sends the notice of the renewal again, where none has reached the customer."""

    reason: str | None = None


@dataclass(frozen=True)
class TellRenewal(Command):
    """Support told the customer of the renewal in another way: by letter, e-mail, telephone or in person."""

    how: str
    note: str | None = None


@dataclass(frozen=True)
class ReportNotice(Command):
    """A mail server reports that the notice with this Message-ID came back, with this status."""

    message_id: str
    status: str


@dataclass(frozen=True)
class AssignSeat(Command):
    """Assigns a seat to a person. `seat` selects one; without it the first free seat is taken."""

    party: str
    seat: int | None = None


@dataclass(frozen=True)
class AcceptInvitation(Command):
    """The person completed their set-up through the link of this invitation."""

    seat: int
    invitation: int


@dataclass(frozen=True)
class ReinviteSeat(Command):
    """Sends the invitation to a seat again, with a new link and new hours. The former link stays dead."""

    seat: int


@dataclass(frozen=True)
class ReassignSeat(Command):
    """Gives a seat to another person. The access of whoever has it ends at once."""

    party: str
    seat: int
    reason: str | None = None


@dataclass(frozen=True)
class RevokeSeat(Command):
    """Revokes a seat; access ends at once."""

    seat: int


@dataclass(frozen=True)
class KeepSeats(Command):
    """Names the seats that stay at a renewal with fewer (X25). Seats named before, and not now, are named no more."""

    seats: tuple[int, ...]


@dataclass(frozen=True)
class TransferAdmin(Command):
    """Names the next admin. A listed user is named by their `seat` too, and takes over at once; anybody else has to accept (X11)."""

    party: str
    seat: int | None = None


@dataclass(frozen=True)
class AcceptTransfer(Command):
    """The person who was asked to take over the administration accepts."""

    transfer: int


@dataclass(frozen=True)
class CallOffTransfer(Command):
    """The admin calls a pending transfer off."""

    transfer: int
