"""What happens to the users of a subscription, and to its administration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from jalon.domain.events.base import STAFF_ONLY, Event


@dataclass(frozen=True, kw_only=True)
class SeatAssigned(Event):
    """A seat was given to a person."""

    rule: ClassVar[str | None] = "T1"
    seat: int


@dataclass(frozen=True, kw_only=True)
class SeatInvited(Event):
    """A seat was reserved for a person who must set up an identity first."""

    rule: ClassVar[str | None] = "T2"
    seat: int
    invitation: int


@dataclass(frozen=True, kw_only=True)
class InvitationSent(Event):
    """The invitation was sent, and its hours run from now."""

    rule: ClassVar[str | None] = "T2"
    seat: int
    accept_by: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationUndeliverable(Event):
    """The mail server refused the invitation for good, and the seat is free again."""

    rule: ClassVar[str | None] = "T3"
    seat: int


@dataclass(frozen=True, kw_only=True)
class SeatReleased(Event):
    """The invitation ran out at `accept_by`, its first closed instant, and the seat is free again."""

    rule: ClassVar[str | None] = "T3"
    seat: int
    invitation: int
    accept_by: datetime


@dataclass(frozen=True, kw_only=True)
class SeatRevoked(Event):
    """The account owner took the seat back."""

    rule: ClassVar[str | None] = "H22"
    seat: int


@dataclass(frozen=True, kw_only=True)
class SeatReserved(Event):
    """A seat was reserved for a person who is checked before it is given."""

    rule: ClassVar[str | None] = "X7"
    seat: int


@dataclass(frozen=True, kw_only=True)
class SeatHeld(Event):
    """The person who is to have the seat could not be cleared, and two reviewers must decide; the seat is reserved meanwhile."""

    rule: ClassVar[str | None] = "X19"
    seat: int
    turn: int
    reasons: tuple[str, ...] = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class SeatRefused(Event):
    """The person who was to have the seat was not cleared, by a reviewer or in time, and the seat is free again."""

    rule: ClassVar[str | None] = "X19"
    seat: int
    turn: int


@dataclass(frozen=True, kw_only=True)
class FewerSeatsAnnounced(Event):
    """The admin was told that the next term has fewer seats than are given, and can name who stays before `choose_by`."""

    rule: ClassVar[str | None] = "X25"
    seat_count: int
    leaving: tuple[int, ...]
    choose_by: datetime


@dataclass(frozen=True, kw_only=True)
class SeatsKept(Event):
    """The admin named the seats of those who stay at a renewal with fewer; `leaving` are those that are lost as it stands."""

    rule: ClassVar[str | None] = "X25"
    seats: tuple[int, ...]
    leaving: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SeatsLost(Event):
    """The term started with `seat_count` seats, and those who had the seats `seats` lost them."""

    rule: ClassVar[str | None] = "X25"
    seat_count: int
    seats: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AdminTransferRequested(Event):
    """The admin asked a new person to take over the administration; `accept_by` is the first instant at which it is too late."""

    rule: ClassVar[str | None] = "X11"
    transfer: int
    accept_by: datetime
    new_admin: str = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class AdminTransferred(Event):
    """The administration passed from `former_admin` to `new_admin`, with everything that the admin may do."""

    rule: ClassVar[str | None] = "H12"
    transfer: int
    former_admin: str = field(metadata=STAFF_ONLY)
    new_admin: str = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class AdminTransferCalledOff(Event):
    """The admin called the pending transfer off and keeps the administration."""

    rule: ClassVar[str | None] = "X11"
    transfer: int


@dataclass(frozen=True, kw_only=True)
class AdminTransferLapsed(Event):
    """Nobody accepted the transfer before `accept_by`, its first closed instant, and the admin keeps the administration."""

    rule: ClassVar[str | None] = "X11"
    transfer: int
    accept_by: datetime


@dataclass(frozen=True, kw_only=True)
class AdminTransferHeld(Event):
    """The new admin could not be cleared, and two reviewers must decide; the admin keeps the administration meanwhile."""

    rule: ClassVar[str | None] = "X19"
    transfer: int
    turn: int
    reasons: tuple[str, ...] = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class AdminTransferRefused(Event):
    """The new admin was not cleared, by a reviewer or in time, and the admin keeps the administration."""

    rule: ClassVar[str | None] = "X19"
    transfer: int


@dataclass(frozen=True, kw_only=True)
class AdminTransferUndeliverable(Event):
    """The mail server refused the transfer's e-mail for good, and the admin keeps the administration."""

    rule: ClassVar[str | None] = "X11"
    transfer: int
