"""Admins who pass a subscription on, and the people whom they ask: soon, at the edge of the deadline, never, or called off (X11)."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.integrations.mail.formats import LANGUAGES
from jalon.persistence.people.parties import Party
from jalon.rehearsal.sim.conduct import EDGES, Conduct, Situation, instant_of
from jalon.rehearsal.sim.kernel import microseconds
from jalon.rehearsal.sim.modelled.database import EntityRow
from workflows.engine.commands import Command
from workflows.subscription.commands import AcceptTransfer, CallOffTransfer, TransferAdmin

OFTEN = 0.2
"""The probability that an admin passes a subscription on in one of its standings."""
NOBODYS_SEAT = 99


class Successors:
    """The admins and their successors, with random choices of their own, so that lives without them stay as they are."""

    def __init__(self, conduct: Conduct) -> None:
        self._conduct, self._world = conduct, conduct.world
        self._met = 0

    def maybe_named(self, row: EntityRow) -> None:
        """Plans that the admin names somebody during this term."""
        chance, conduct = self._world.chance, self._conduct
        if chance.falls("customers: transfers", OFTEN) and chance.keeps("transfers"):
            conduct.after(conduct.soon("transfer", 60, 200 * 86_400), lambda: self._name(row.id))

    def situations(self, row: EntityRow) -> Iterator[Situation]:
        """Somebody was asked to take over."""
        pending = row.view["transfer"]
        if pending is not None:
            number, until = pending["number"], pending["accept_by"]
            yield Situation(("transfer", number), lambda: self._is_asked(row.id, number, until))

    def _say(self, subscription: str, command: Command) -> None:
        self._conduct.say("subscription", subscription, command)

    def _name(self, subscription: str) -> None:
        view = self._world.db.entities[subscription].view
        users = [seat for seat in view["seats"] if seat["state"] == "assigned"]
        choice = self._conduct.pick("successor", {"new": 5, "user": 2, "same": 0.6, "nobody": 0.5})
        if choice == "user" and users:
            user = self._world.chance.pick("customers: successor seat", users)
            self._say(subscription, TransferAdmin(user["party"], user["number"]))
        elif choice == "same":
            self._say(subscription, TransferAdmin(view["admin"]))
        elif choice == "nobody":
            self._say(subscription, TransferAdmin(self._heir(), NOBODYS_SEAT))
        else:
            self._say(subscription, TransferAdmin(self._heir()))

    def _is_asked(self, subscription: str, number: int, until: str) -> None:
        conduct, accept = self._conduct, AcceptTransfer(number)
        weights: dict[str, float] = {"soon": 3, "edge": 4, "never": 1.5, "off": 1, "another": 1}
        match conduct.pick("asked to take over", weights):
            case "soon":
                conduct.after(conduct.soon("accept", 1, 12 * 86_400), lambda: self._say(subscription, accept))
            case "edge":
                due = instant_of(until)
                edge = self._world.chance.pick("customers: edge of a transfer", EDGES)
                if due is not None:
                    conduct.at(microseconds(due) + edge, lambda: self._say(subscription, accept))
            case "off":
                conduct.after(
                    conduct.soon("call off", 1, 12 * 86_400), lambda: self._call_off(subscription, number)
                )
            case "another":
                conduct.after(conduct.soon("another", 1, 12 * 86_400), lambda: self._name(subscription))

    def _call_off(self, subscription: str, number: int) -> None:
        self._say(subscription, CallOffTransfer(number))
        self._conduct.after(
            self._conduct.soon("accept what was called off", 1, 86_400),
            lambda: self._say(subscription, AcceptTransfer(number)),
        )

    def _heir(self) -> str:
        """A new person, who may have a name like one on a list."""
        self._met += 1
        party, language = f"pty_heir_{self._met}", LANGUAGES[self._met % len(LANGUAGES)]
        email = f"{party}@example.com"
        word = self._world.chance.weighed(
            "customers: name of an heir", {"Ana": 10.0, "Listed": 0.5, "Alike": 1.0}
        )
        self._world.db.parties[party] = Party(
            party, email, f"{word} heir {self._met}", None, language, None, None
        )
        return party
