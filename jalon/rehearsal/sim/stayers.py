"""Admins who give many seats, and name who stays at a renewal with fewer: soon, at the edge of the cutoff, again, or never (X25)."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.integrations.mail.formats import LANGUAGES
from jalon.persistence.people.parties import Party
from jalon.rehearsal.sim.conduct import EDGES, Conduct, Situation, instant_of
from jalon.rehearsal.sim.kernel import microseconds
from jalon.rehearsal.sim.modelled.database import EntityRow
from workflows.subscription.commands import AssignSeat, KeepSeats

OFTEN = 0.7
"""The probability that an admin gives several seats in one of a subscription's standings."""
FILLED_AT_MOST = 5


class Stayers:
    """The admins before a renewal with fewer seats, with random choices of their own, so that lives without one stay as they are."""

    def __init__(self, conduct: Conduct) -> None:
        self._conduct, self._world = conduct, conduct.world
        self._met = 0

    def maybe_fill(self, row: EntityRow) -> None:
        """Plans that the admin gives the seats to as many people during this term."""
        chance, conduct = self._world.chance, self._conduct
        many = row.view["user_management"] and row.view["seat_count"] > 1
        if many and chance.falls("customers: seats filled", OFTEN) and chance.keeps("seat_changes"):
            for _ in range(min(row.view["seat_count"], FILLED_AT_MOST)):
                after_us = conduct.soon("seat filled", 60, 20 * 86_400)
                conduct.after(after_us, lambda: conduct.say("subscription", row.id, AssignSeat(self._user())))

    def _user(self) -> str:
        """A new person, every second of whom has an identity."""
        self._met += 1
        party, language = f"pty_user_{self._met}", LANGUAGES[self._met % len(LANGUAGES)]
        identity = self._world.now if self._met % 2 else None
        self._world.db.parties[party] = Party(
            party, f"{party}@example.com", f"Ana user {self._met}", None, language, identity, None
        )
        return party

    def situations(self, row: EntityRow) -> Iterator[Situation]:
        """Fewer seats are to come than are given."""
        fewer = row.view["fewer_seats"]
        if fewer is not None:
            about = ("fewer seats", row.view["term_number"], fewer["seat_count"])
            yield Situation(about, lambda: self._is_told(row.id, fewer["choose_by"]))

    def _is_told(self, subscription: str, choose_by: str) -> None:
        conduct, due = self._conduct, instant_of(choose_by)
        match conduct.pick("who stays", {"soon": 2, "edge": 5, "twice": 2, "never": 2}):
            case "soon":
                self._soon(subscription)
            case "twice":
                self._soon(subscription)
                self._soon(subscription)
            case "edge" if due is not None:
                edge = self._world.chance.pick("customers: edge of who stays", EDGES)
                conduct.at(microseconds(due) + edge, lambda: self._choose(subscription))

    def _soon(self, subscription: str) -> None:
        after_us = self._conduct.soon("choose who stays", 1, 20 * 86_400)
        self._conduct.after(after_us, lambda: self._choose(subscription))

    def _choose(self, subscription: str) -> None:
        """Names some of those who have a seat; now and then too many, or a seat that nobody has."""
        view, chance = self._world.db.entities[subscription].view, self._world.chance
        held, fewer = [seat["number"] for seat in view["seats"]], view["fewer_seats"]
        most = fewer["seat_count"] if fewer else 1
        choice = self._conduct.pick("named", {"some": 8, "all": 2, "nobody": 1, "free": 2})
        seats: tuple[int, ...] = ()
        if choice == "some":
            first = chance.between("customers: first named", 0, max(len(held) - 1, 0))
            seats = tuple((held[first:] + held[:first])[: max(most, 1)])
        elif choice == "all":
            seats = tuple(held)
        elif choice == "free":
            seats = (max(held, default=0) + 1,)
        self._conduct.say("subscription", subscription, KeepSeats(seats))
