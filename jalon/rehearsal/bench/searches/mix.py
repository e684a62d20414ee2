"""What people type: the mix of queries that the measurement asks, drawn from those who are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from jalon.rehearsal.bench.searches.customers import STORES, Customer, Sale

COMMON_NAMES = (
    "Martin",
    "Jean Martin",
    "martin",
    "Marie",
    "Bernard",
    "gmail.com",
    "Müller",
    "Jean-Paul",
    "Dupont",
    "Camille Petit",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One query in a scope of stores. `order` is an order that it was drawn from, if it names one alone."""

    query: str
    stores: tuple[str, ...]
    order: str | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sale with its buyer."""

    sale: Sale
    buyer: Customer


def mix(
    sales: Sequence[Sale], people: Sequence[Customer], each: int, seed: int
) -> Mapping[str, Sequence[Asked]]:
    """`each` queries of every class, the same for the same seed. Half look in one store, half in all of them."""
    draw = Random(f"{seed} mix")
    return {
        name: [_asked(draw, of, sales, people, place) for place in range(each)]
        for name, of in _CLASSES.items()
    }


def _asked(
    draw: Random,
    of: Callable[[Random, Drawn], tuple[str, bool]],
    sales: Sequence[Sale],
    people: Sequence[Customer],
    place: int,
) -> Asked:
    sale = draw.choice(sales)
    buyer = people[sale.buyer]
    query, unique = of(draw, Drawn(sale, buyer))
    stores = STORES if place % 2 else (buyer.store,)
    return Asked(query, stores, sale.order if unique else None)


def _exact(draw: Random, drawn: Drawn) -> tuple[str, bool]:
    sale, buyer = drawn.sale, drawn.buyer
    choices = (
        (buyer.email.upper(), False),
        (f" #{sale.order_number.lower().replace('-', ' ')} ", True),
        (sale.purchase_order_number or sale.order_number, sale.purchase_order_number is None),
        (sale.order, True),
        (buyer.name, False),
    )
    return draw.choice(choices)


def _prefix(draw: Random, drawn: Drawn) -> tuple[str, bool]:
    sale, buyer = drawn.sale, drawn.buyer
    whole = draw.choice(
        (
            buyer.email,
            buyer.name,
            buyer.company or buyer.name,
            sale.order_number,
            buyer.name.partition(" ")[2],
        )
    )
    return whole[: draw.randint(3, max(4, len(whole) - 2))], False


def _substring(draw: Random, drawn: Drawn) -> tuple[str, bool]:
    sale, buyer = drawn.sale, drawn.buyer
    whole = draw.choice(
        (buyer.email, buyer.company or buyer.email, sale.order_number[9:], sale.order[8:], buyer.name)
    )
    length = min(draw.randint(4, 8), len(whole) - 1)
    start = draw.randint(1, len(whole) - length)
    return whole[start : start + length], False


def _typo(draw: Random, drawn: Drawn) -> tuple[str, bool]:
    sale, buyer = drawn.sale, drawn.buyer
    whole, unique = draw.choice(
        (
            (buyer.email, False),
            (buyer.name, False),
            (buyer.company or buyer.email, False),
            (sale.order_number, False),
            (sale.order, True),
        )
    )
    place = draw.randint(1, len(whole) - 2)
    edits = (
        whole[:place] + whole[place + 1 :],
        whole[:place] + draw.choice("aeinrst147") + whole[place:],
        whole[:place] + draw.choice("aeinrst147") + whole[place + 1 :],
        whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :],
    )
    return draw.choice(edits), unique


def _common(draw: Random, _drawn: Drawn) -> tuple[str, bool]:
    return draw.choice(COMMON_NAMES), False


_CLASSES: Mapping[str, Callable[[Random, Drawn], tuple[str, bool]]] = {
    "exact": _exact,
    "prefix": _prefix,
    "substring": _substring,
    "typo": _typo,
    "common name": _common,
}
