"""One order and its subscription, with the people around them, as the API tells of them at an instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.integrations.links import Link, Links
from jalon.settings import KeyRing
from tests.support.portal import Guest
from tests.support.shop import Order, Shop, Subscription, at

NAME = "Jean Dupont"


class Offer(StrEnum):
    """Whether something is offered. What is `done` already may be sent again, and changes nothing."""

    OFFERED = "offered"
    DONE = "done"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Known:
    """What the API answers about an order and its subscription at the store's instant `now`, and the events of both."""

    order: Mapping[str, Any]
    subscription: Mapping[str, Any] | None
    now: datetime
    events: tuple[tuple[str, ...], ...]

    @property
    def entities(self) -> list[Mapping[str, Any]]:
        """The order, and the subscription once it has begun."""
        return [self.order, *([self.subscription] if self.subscription else [])]

    @property
    def line(self) -> Mapping[str, Any]:
        """The subscription, which has begun."""
        assert self.subscription is not None
        return self.subscription

    @property
    def is_active(self) -> bool:
        """Whether the subscription runs."""
        return str(self.line["status"]) == "active"

    @property
    def bank(self) -> list[str]:
        """The bank's pages on which a payment is to be confirmed."""
        waiting = [each["payment"] for each in self.entities if each["payment"]]
        return [each["action_url"] for each in waiting if each["state"] == "action_required"]

    def before(self, text: str | None) -> bool:
        """Whether a closing is still to come; one that there is not never comes."""
        return text is None or self.now < datetime.fromisoformat(text)

    def due(self, entity: Mapping[str, Any], what: str) -> str | None:
        """When the agenda's entry of this name is due."""
        return next((each["due_at"] for each in entity["agenda"] if each["what"] == what), None)

    def seat(self, number: int) -> Mapping[str, Any] | None:
        """The seat with this number, None where there is none."""
        return next((each for each in self.line["seats"] if each["number"] == number), None)

    def holds_seat(self, email: str) -> bool:
        """Whether the person with this address is one of the users."""
        return any(each["user"] and each["user"]["email"] == email for each in self.line["seats"])


@dataclass
class Stage:
    """The order of one example. `invited` and `asked` are the links that people hold: seat and invitation, or transfer, by person."""

    shop: Shop
    order: Order
    example: int
    guests: dict[str, Guest]
    invited: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    @property
    def subscription(self) -> Subscription | None:
        """The subscription, once the order has begun it."""
        return self._begun(self.order.read())

    def _begun(self, order: Mapping[str, Any]) -> Subscription | None:
        (line,) = order["lines"]
        return Subscription(self.shop, line["subscription"]) if line.get("subscription") else None

    def known(self) -> Known:
        """Everything as it is now."""
        order = self.order.read()
        begun = self._begun(order)
        line = begun.read() if begun else None
        told = [self.order.events, *([begun.events] if begun else [])]
        known = Known(order, line, self.shop.now, tuple(tuple(each) for each in told))
        self._remember(line)
        return known

    def _remember(self, line: Mapping[str, Any] | None) -> None:
        for seat in line["seats"] if line else ():
            if seat["user"] and seat["invitation"]:
                self.invited[f"{seat['number']}.{seat['invitation']}"] = seat["user"]["id"]
        pending = line["transfer"] if line else None
        if pending:
            self.asked[str(pending["number"])] = pending["to"]["id"]

    def person(self, number: int) -> str:
        """The address of one of the people of this example; the first is the buyer."""
        return self.shop.email if number == 0 else f"p{number}.{self.example}@{self.shop.id}.example.com"

    def link(self, kind: str, entity: str, subject: str = "", reader: str = "") -> str:
        """The path of a link as an e-mail to `reader` holds it."""
        ring = KeyRing.parse(self.shop.machine.environment["JALON_LINK_KEYS"])
        token = Links([ring.keys[ring.active]]).sign(Link(kind, self.shop.id, entity, subject, reader))
        return f"/h/{kind}/{token}"

    def guest(self, email: str) -> Guest:
        """The person at the portal, signed in."""
        if email not in self.guests:
            self.guests[email] = Guest(self.shop, email=email)
            self.guests[email].sign_in()
        return self.guests[email]


def may_follow(kind: str, before: str, after: str) -> bool:
    """Whether a status leads to another, by any number of legal moves."""
    moves = (ORDER if kind == "order" else SUBSCRIPTION).moves
    reached, ahead = {before}, [before]
    while ahead:
        here = ahead.pop()
        following = next((after for status, after in moves.items() if status == here), frozenset())
        ahead += [str(each) for each in following if each not in reached]
        reached |= {str(each) for each in following}
    return after in reached


def is_legal(known: Known) -> bool:
    """Whether what the API tells of agrees with itself: agenda, seats, term."""
    for entity in known.entities:
        dues = [datetime.fromisoformat(each["due_at"]) for each in entity["agenda"]]
        if dues != sorted(dues) or any(due <= known.now for due in dues):
            return False
    line = known.subscription
    if line is None:
        return True
    users = [each["user"]["id"] for each in line["seats"] if each["user"]]
    free = all((each["user"] is None) == (each["state"] == "free") for each in line["seats"])
    begun = line["term_start"] is None or at(line["term_start"]) < at(line["term_end"])
    running = not known.is_active or known.before(line["term_end"])
    return len(users) == len(set(users)) and free and begun and running
