"""The content of the pages of a subscription's users as plain values. Deadlines are first CLOSED instants (G1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from api.web.hosted.page_models import Form
from api.web.portal.page_models import PortalView
from jalon.domain.projections import FewerSeats, SeatState, SubscriptionProjection
from jalon.integrations.mail.formats import Language

UserProblem = Literal[
    "email_wrong", "name_wrong", "language_wrong", "already_assigned", "no_free_seat", "too_often", "changed"
]
Done = Literal["given", "reinvited", "revoked"]


@dataclass(frozen=True, slots=True)
class UserRow:
    """One seat, or with `last` above `number` all free ones in a row. `url` is the page of a seat that somebody has.

    `name` and `email` are empty where the person's data was erased. `assigned_at` is when the person got it, `leaves_at` when they are to
    lose it at a renewal with fewer, as it stands (X25). `invitable_at` is set while it is too early for another invitation. `unreached`: an
    e-mail to the address came back, or was refused for good.
    """

    number: int
    last: int
    state: SeatState
    url: str = ""
    name: str = ""
    email: str = ""
    party: str = ""
    open_until: datetime | None = None
    invitable_at: datetime | None = None
    assigned_at: datetime | None = None
    leaves_at: datetime | None = None
    unreached: bool = False

    @property
    def who(self) -> str:
        """The name by which a link is told from those beside it."""
        return self.name or self.email or str(self.number)


@dataclass(frozen=True, slots=True)
class Person:
    """The form of a person, as it was filled in."""

    form: Form
    languages: tuple[Language, ...]
    filled: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[UserProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class UsersPage(PortalView):
    """The users of a subscription by seat number, a page of them (P1, H20).

    `rows` are those that match the words `search`, `matches` how many in all. `home` is the page of the subscription, None for a reader
    who came by the link of an e-mail, who may sign in at `signs_in`. `done` is what was just done to the seat `about`. `may_choose`: it
    is not too late to choose who stays at a renewal with fewer seats; `choice_url` is where the reader does so (X25).
    """

    template: ClassVar[str] = "portal/users"
    base: str
    home: str | None
    subscription: SubscriptionProjection
    person: Person
    rows: tuple[UserRow, ...]
    free: int
    search: str = ""
    matches: int = 0
    before: str | None = None
    after: str | None = None
    signs_in: str | None = None
    done: Done | None = None
    about: UserRow | None = None
    problem: UserProblem | None = None
    may_choose: bool = False
    choice_url: str | None = None


@dataclass(frozen=True, slots=True)
class UserPage(PortalView):
    """One user with what can be done: invite again, give the seat to somebody else, take it back. `warns`: the last is to be confirmed."""

    template: ClassVar[str] = "portal/user"
    base: str
    subscription: SubscriptionProjection
    row: UserRow
    form: Form
    person: Person
    warns: bool = False


@dataclass(frozen=True, slots=True)
class WhoStaysPage(PortalView):
    """The choice of who stays at a renewal with fewer seats (X25): `rows` are all who have one, `chosen` the numbers that are ticked.

    `done`: the choice was kept. `home` is the page of the subscription.
    """

    template: ClassVar[str] = "portal/who_stays"
    home: str
    subscription: SubscriptionProjection
    fewer: FewerSeats
    form: Form
    rows: tuple[UserRow, ...]
    chosen: frozenset[int]
    done: bool = False
    problem: Literal["too_many", "changed"] | None = None
