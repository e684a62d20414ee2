"""One seat of a subscription: who has it, since when, and what its holders were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from jalon.domain.terms import INVITATIONS_AT_MOST, SEATS_AT_MOST, LineTerms
from workflows.shared_steps.holds import Hold

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass
class Agreed:
    """What only the screening of a person holds back (X19): a switch of the admin, or a seat.

    `at` is when it was agreed, `actor` by whom, and `receipt` what the screening is to answer, None once it is answered. `number` counts
    the screenings of a subscription, and is the turn of the hold that one may lead to. `names` is the record of the names that were
    screened, once they were (X18).
    """

    at: datetime
    actor: str
    receipt: str | None
    number: int = 0
    names: str | None = None


@dataclass
class Seat:
    """An assignable unit: free, held (reserved while its person is screened, X19), invited (reserved for its invitation, X7) or assigned.

    A held seat has its `agreed`, and where the screening found a match, the `hold` of its reviewers.

    `invitation` counts how often the seat was offered by invitation, `assignments` how often it was given at all. `offer` is the
    invitation by which the present holder came, None where the seat is free or was assigned at once. `offered` are the instants of the
    latest invitations, whoever was invited. `stays`: the admin named it among those that stay at a renewal with fewer; `told_to_go`: its
    holder was told that it goes, and `forecasts` counts what its holders were told of that (X25).
    """

    number: int
    state: str = "free"
    party: str | None = None
    invitation: int = 0
    assignments: int = 0
    offer: int | None = None
    invited_at: datetime | None = None
    open_until: datetime | None = None
    offered: tuple[datetime, ...] = ()
    assigned_at: datetime | None = None
    stays: bool = False
    told_to_go: bool = False
    forecasts: int = 0
    agreed: Agreed | None = None
    hold: Hold | None = None

    def count_invitation(self, at: datetime) -> None:
        """Notes an invitation that goes out at this instant."""
        self.invitation += 1
        self.offer = self.invitation
        self.offered = (*self.offered, at)[-max(INVITATIONS_AT_MOST.values()) :]

    @property
    def invitable_at(self) -> datetime | None:
        """From when on another invitation may go out, None where no number of them was used up (T3)."""
        latest = self.offered[::-1]
        return max(
            (
                latest[most - 1] + within
                for within, most in INVITATIONS_AT_MOST.items()
                if len(latest) >= most
            ),
            default=None,
        )

    def free(self) -> None:
        """Takes the seat from its holder. The counts go on."""
        self.state, self.party, self.offer, self.open_until = "free", None, None, None
        self.assigned_at, self.stays, self.told_to_go = None, False, False
        self.agreed = self.hold = None


def standing(seat: Seat) -> tuple[bool, bool, datetime, int]:
    """What orders seats at a renewal with fewer: those named first, then the earliest assigned, and those last who have none yet (X25)."""
    return not seat.stays, seat.state != "assigned", seat.assigned_at or _EARLIEST, seat.number


def number_of(seat: Seat) -> int:
    """The number of the seat."""
    return seat.number


def seats_of(line: LineTerms) -> int:
    """The seats of these terms: at most SEATS_AT_MOST that people can be given."""
    return min(line.seats, SEATS_AT_MOST) if line.user_management else line.seats
