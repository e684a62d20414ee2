"""The orders of a filled database: who bought what, where and when, and how far each came. Equal books hold equal orders."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ulid import ULID

PREFIX = "filled-"
"""The ids of the stores begin with this. No store file has such an id, so no process serves these stores or works on their orders."""
STORES_AT_MOST = 999
YEARS = timedelta(days=3 * 365)
ORDERS_OF_A_BUYER = 2.5
SKUS = 12
_OF = 1_000


class Stage(StrEnum):
    """How far an order and its subscription came."""

    CART = "cart"
    SCREENING = "screening"
    HELD = "held"
    PENDING = "pending"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    STOPPED = "stopped"
    COMMITTED = "committed"
    RETAINED = "retained"


_UP_TO = (
    (20, Stage.CART),
    (21, Stage.SCREENING),
    (24, Stage.HELD),
    (64, Stage.PENDING),
    (84, Stage.CANCELLED),
    (94, Stage.EXPIRED),
    (96, Stage.REJECTED),
    (106, Stage.PAST_DUE),
    (136, Stage.STOPPED),
    (146, Stage.COMMITTED),
    (196, Stage.RETAINED),
    (_OF, Stage.ACTIVE),
)
"""Of a thousand orders, those up to each number are at the stage beside it."""


def store_name(number: int) -> str:
    """The id of the store with this number, from 1."""
    return f"{PREFIX}{number:03}"


def stores_named(many: int) -> tuple[str, ...]:
    """The ids of the first `many` stores."""
    return tuple(store_name(number) for number in range(1, many + 1))


_PERIODS = {Stage.CART: 14, Stage.SCREENING: 1, Stage.HELD: 30, Stage.PENDING: 90}
_YEARLY = (Stage.ACTIVE, Stage.PAST_DUE, Stage.STOPPED, Stage.COMMITTED)


@dataclass(frozen=True, slots=True)
class Life:
    """One order with its subscription. `number` counts the orders of the book from the oldest, which is 0; instants are UTC.

    `next_at` is when the agenda goes on, after the end of the book; None where nothing is to come.
    """

    number: int
    store: str
    buyer: int
    at: datetime
    stage: Stage
    delayed: bool
    parked: bool
    stalled: bool
    next_at: datetime | None
    order: str
    subscription: str

    @property
    def placed(self) -> bool:
        """Whether the order left its cart."""
        return self.stage is not Stage.CART

    @property
    def begun(self) -> bool:
        """Whether there is a subscription."""
        early = (Stage.CART, Stage.SCREENING, Stage.HELD, Stage.CANCELLED, Stage.EXPIRED, Stage.REJECTED)
        return self.stage not in early

    @property
    def order_number(self) -> str:
        """The number that people read out."""
        return f"FIL-{self.number:07}"

    @property
    def purchase_order_number(self) -> str:
        """The buyer's own number."""
        return f"PO-{self.number}"

    @property
    def sku(self) -> str:
        """The product's code."""
        return f"sku-{self.number % SKUS}"

    @property
    def holders(self) -> tuple[int, ...]:
        """The people with a seat, by number within the store, once each."""
        return tuple(self.buyer + more for more in range(1, 2 + self.number % 3))


@dataclass(frozen=True, slots=True)
class Book:
    """`orders` orders in `stores` stores over three years up to `until`. The first store has a fifth of all, the others share the rest."""

    orders: int
    stores: int
    until: datetime

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of the stores."""
        return stores_named(self.stores)

    def lives(self) -> Iterator[Life]:
        """Every order, the oldest first."""
        return map(self.life, range(self.orders))

    def life(self, number: int) -> Life:
        """The order with this number."""
        at = self.until - YEARS * (self.orders - number) / self.orders
        store = self._store(number)
        drawn = zlib.crc32(f"stage {number}".encode()) % _OF
        stage = next(stage for upper, stage in _UP_TO if drawn < upper)
        return Life(
            number=number,
            store=store_name(store),
            buyer=self._buyer(number, store),
            at=at,
            stage=stage,
            delayed=stage is not Stage.CART and drawn % 50 == 22,  # noqa: PLR2004
            parked=stage is Stage.PENDING and drawn % 2 == 0,
            stalled=stage is Stage.PENDING and drawn % 10 == 0,
            next_at=self._next(at, stage),
            order=_id("ord", at, number),
            subscription=_id("sub", at, number),
        )

    def _store(self, number: int) -> int:
        return 1 if self.stores == 1 or number % 5 == 0 else 2 + number % (self.stores - 1)

    def _next(self, at: datetime, stage: Stage) -> datetime | None:
        days = 366 if stage in _YEARLY else _PERIODS.get(stage)
        if days is None:
            return None
        period = timedelta(days=days)
        return at + period * ((self.until - at) // period + 1)

    def _buyer(self, number: int, store: int) -> int:
        """The first person of the first store is a reseller, to whom every five-hundredth order belongs."""
        if number % 500 == 0:
            return 0
        share = (
            self.orders
            if self.stores == 1
            else self.orders / 5
            if store == 1
            else 0.8 * self.orders / self.stores
        )
        return 1 + zlib.crc32(f"buyer {number}".encode()) % max(1, int(share / ORDERS_OF_A_BUYER))


def _id(prefix: str, at: datetime, number: int) -> str:
    """An id of the shape and the order of real ones."""
    milliseconds = int(at.timestamp() * 1000).to_bytes(6, "big")
    return f"{prefix}_{str(ULID(milliseconds + number.to_bytes(10, 'big'))).lower()}"
