"""Made-up customers and their purchases, the same for the same seed: few names that many bear, and many that few bear."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

from ulid import ULID

from jalon.domain.searching import fold

STORES = ("search-a", "search-b", "search-c", "search-d", "search-e", "search-f")
_SHARES = (40, 25, 15, 10, 7, 3)
_NAMES = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))
_SURNAMES, _GIVEN = _NAMES["surnames"], _NAMES["given"]
_NUMBER_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDERS_OF_A_BUYER = 2.5
USERS_A_BUYER = 0.5
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Customer:
    """A person of a store: a buyer, or only a user. `number` counts all people."""

    number: int
    store: str
    id: str
    email: str
    name: str
    company: str | None


@dataclass(frozen=True, slots=True)
class Sale:
    """An order with its subscription, or without one, by its buyer's and its user's place in the list of people."""

    number: int
    order: str
    subscription: str | None
    order_number: str
    purchase_order_number: str | None
    buyer: int
    user: int
    age_ms: int


class Customers:
    """The people and sales of `orders` orders over three years."""

    def __init__(self, orders: int, seed: int) -> None:
        self.orders = orders
        self._seed = seed
        self.buyers = max(len(STORES), int(orders / ORDERS_OF_A_BUYER))
        self.users = max(len(STORES), int(self.buyers * USERS_A_BUYER))
        rare = Random(f"{seed} surnames")
        self._rare = tuple(
            "".join(rare.choice(_NAMES["syllables"]) for _ in range(rare.randint(2, 4))).capitalize()
            for _ in range(30_000)
        )
        # The name of rank n is borne by one n-th of the most common one, as in a census.
        self._surname_weights = list(accumulate(1 / rank for rank in range(3, 3 + len(_SURNAMES))))
        self._given_weights = list(accumulate(1 / rank for rank in range(4, 4 + len(_GIVEN))))

    def people(self) -> Iterator[Customer]:
        """Everybody, the buyers first."""
        draw, taken = Random(f"{self._seed} people"), set[str]()
        for number in range(self.buyers + self.users):
            yield self._customer(draw, number, taken)

    def sales(self, people: Sequence[Customer]) -> Iterator[Sale]:
        """Every order, the oldest first. One in five hundred is a reseller's, in the first store."""
        draw = Random(f"{self._seed} sales")
        users: dict[str, list[int]] = {}
        buyers: dict[str, list[int]] = {}
        for place, person in enumerate(people):
            (buyers if place < self.buyers else users).setdefault(person.store, []).append(place)
        for number in range(self.orders):
            store = draw.choices(STORES, _SHARES)[0]
            buyer = buyers[STORES[0]][0] if number % 500 == 0 else draw.choice(buyers[store])
            user = draw.choice(users.get(people[buyer].store) or buyers[people[buyer].store])
            age = int(3 * 365 * _DAY_MS * (self.orders - number) / self.orders)
            ulid = _ulid(age, draw)
            yield Sale(
                number=number,
                order=f"ord_{ulid}",
                subscription=None if number % 20 == 0 else f"sub_{_ulid(age, draw)}",
                order_number=f"SEA-{2026 - age // (365 * _DAY_MS)}-{''.join(draw.choices(_NUMBER_LETTERS, k=6))}",
                purchase_order_number=_purchase_order(draw),
                buyer=buyer,
                user=user,
                age_ms=age,
            )

    def _customer(self, draw: Random, number: int, taken: set[str]) -> Customer:
        store = STORES[number % len(STORES)] if number < len(STORES) else draw.choices(STORES, _SHARES)[0]
        given = draw.choices(_GIVEN, cum_weights=self._given_weights)[0]
        common = draw.random() < 0.6
        surname = (
            draw.choices(_SURNAMES, cum_weights=self._surname_weights)[0]
            if common
            else draw.choice(self._rare)
        )
        company = None if draw.random() < 0.3 else self._company(draw)
        at_work = company is not None and draw.random() < 0.7
        domain = f"{_slug(company or '')}.example" if at_work else draw.choice(_NAMES["mailboxes"])
        local = f"{_slug(given)}{draw.choice('._-')}{_slug(surname)}"
        email = f"{local}@{domain}"
        while f"{store} {email}" in taken:
            email = f"{local}{draw.randrange(10_000)}@{domain}"
        taken.add(f"{store} {email}")
        return Customer(number, store, f"pty_{_ulid(number, draw)}", email, f"{given} {surname}", company)

    def _company(self, draw: Random) -> str:
        owner = (
            draw.choices(_SURNAMES, cum_weights=self._surname_weights)[0]
            if draw.random() < 0.2
            else draw.choice(self._rare)
        )
        return (
            f"{owner} {draw.choice(_NAMES['trades'])} {draw.choice(_NAMES['forms'])}"
            if draw.random() < 0.5
            else f"{owner} {draw.choice(_NAMES['forms'])}"
        )


def _purchase_order(draw: Random) -> str | None:
    kind = draw.random()
    if kind < 0.4:
        return None
    if kind < 0.7:
        return f"PO-{draw.randrange(2023, 2027)}-{draw.randrange(10**5):05}"
    return (
        f"45{draw.randrange(10**8):08}" if kind < 0.9 else f"BC {draw.randrange(1000)}/{draw.randrange(100)}"
    )


def _ulid(age_ms: int, draw: Random) -> str:
    milliseconds = (1_790_000_000_000 - age_ms).to_bytes(6, "big")
    return str(ULID(milliseconds + draw.randbytes(10))).lower()


def _slug(text: str) -> str:
    return fold(text)
