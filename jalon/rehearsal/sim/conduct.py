"""The conduct of customers: they choose, delay, wait for the last moment of a deadline, send requests and answer their bank."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime

from jalon.integrations.mail.formats import LANGUAGES
from jalon.persistence.people.parties import Party
from jalon.rehearsal.sim.inbox import Asked
from jalon.rehearsal.sim.kernel import SECOND, microseconds
from jalon.rehearsal.sim.modelled.database import EntityRow
from jalon.rehearsal.sim.world import World
from workflows.engine.commands import Command

EDGES = (-2 * SECOND, -1, 0, 1)
"""The distances from a deadline at which people act on purpose, in microseconds."""
CARDS = {
    "card_ok": 8.0,
    "card_3ds": 3.0,
    "card_3ds_always": 1.0,
    "card_declined": 1.0,
    "card_expired": 0.7,
    "card_recovers": 1.0,
    "card_expires_later": 1.0,
    "card_3ds_insufficient_funds": 0.5,
}
"""The cards that people pay with, and their weights."""
BUYER = "ana"
SHOWN = 200
"""The length from which a body is left out of the trace."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation to which customers react, once for each. `about` distinguishes the situations of one entity."""

    about: tuple[Hashable, ...]
    react: Callable[[], None]


class Conduct:
    """The state that all customers of a life share. They stop acting at `until_us` of the store's time."""

    def __init__(self, world: World, until_us: int) -> None:
        self.world, self._until_us = world, until_us
        self._seen: set[tuple[Hashable, ...]] = set()
        self._keys = 0

    @property
    def interested(self) -> bool:
        """Whether customers still act."""
        return self.world.now_us < self._until_us

    def is_new(self, row: EntityRow, *about: Hashable) -> bool:
        """Whether nobody has reacted to this situation yet."""
        key = (row.id, *about)
        new = key not in self._seen
        self._seen.add(key)
        return new

    def react(self, row: EntityRow, situations: Iterable[Situation]) -> None:
        """Reacts to the situations of an entity that are new."""
        for situation in situations:
            if self.is_new(row, *situation.about):
                situation.react()

    # -- choices and times -------------------------------------------------------------------------------------------------

    def pick(self, name: str, weights: dict[str, float]) -> str:
        """One of the choices, by weight."""
        return self.world.chance.weighed(f"customers: {name}", weights)

    def says_yes(self, name: str, yes: float, no: float) -> bool:
        """Whether a customer does it, by weight."""
        return self.pick(name, {"yes": yes, "no": no}) == "yes"

    def soon(self, name: str, least: float = 1, most: float = 3 * 86_400) -> int:
        """A time between two numbers of seconds, in microseconds."""
        return int(self.world.chance.span(f"customers: {name}", least, most) * SECOND)

    def edge(self, due_at: datetime) -> int:
        """A moment just before, at or after a deadline."""
        edge = self.world.chance.pick("customers: edge", EDGES)
        return microseconds(due_at) + edge

    def at(self, when_us: int, call: Callable[[], None]) -> None:
        """Plans a call, unless customers have stopped acting by then."""
        if when_us < self._until_us:
            self.world.plan(when_us, call)

    def after(self, us: int, call: Callable[[], None]) -> None:
        """Plans a call after a time, unless customers have stopped acting by then."""
        self.at(self.world.now_us + us, call)

    def by_choice(
        self, name: str, weights: dict[str, float], due_at: datetime | None, call: Callable[[], None]
    ) -> None:
        """Plans a call soon, at the edge of its deadline, or never."""
        choice = self.pick(name, weights)
        if choice == "edge" and due_at is not None:
            self.at(self.edge(due_at), call)
        elif choice != "never":
            self.after(self.soon(name, 1, 12 * 86_400), call)

    # -- actions -----------------------------------------------------------------------------------------------------------

    def say(self, kind: str, entity: str, command: Command) -> None:
        """Sends one request, under a key of its own."""
        self._keys += 1
        asked = Asked(kind, entity, command.name, command.as_body(), BUYER, "storefront", f"key-{self._keys}")
        shown = asked.body if len(str(asked.body)) < SHOWN else ""
        self.world.trace(f"SAY {command.name} to {entity} {shown}")
        self.world.ask(asked)

    def person(self, name: str) -> str:
        """The id of a new person, who may have an identity already, and may have a name like one on a list."""
        db, chance = self.world.db, self.world.chance
        number = db.number("party")
        party, language = f"pty_{number}", LANGUAGES[number % len(LANGUAGES)]
        word = self.pick("name", {"Ana": 10.0, "Listed": 0.5, "Alike": 1.0})
        known = chance.pick("customers: identity", [True, False])
        identity = self.world.now if known else None
        db.parties[party] = Party(
            party, f"{party}@example.com", f"{word} {name}", None, language, identity, None
        )
        return party

    def answer_bank(self, url: str) -> None:
        """Confirms a payment at the bank, or refuses to."""
        approved = self.says_yes("bank", 4, 1)
        self.world.gateway.answer_challenge(url.rpartition("/")[2], approved)

    def go_on_too_late(self, calls: list[Callable[[], None]]) -> None:
        """Makes one of the calls although everything has ended."""
        after_us = self.soon("too late", 1, 20 * 86_400)
        self.after(after_us, self.world.chance.pick("customers: too late", calls))


def instant_of(text: str | None) -> datetime | None:
    """The instant of a projection's text, or None."""
    return datetime.fromisoformat(text) if text else None


def deadlines_of(row: EntityRow) -> dict[str, str]:
    """The deadlines on an entity's agenda, by their purpose; the latest entry where there are several."""
    return {entry["what"]: entry["due_at"] for entry in row.view["agenda"]}
