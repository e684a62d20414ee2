"""Compares the results of two ways: what each order left in the database, in the mailbox and at the payment provider."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from psycopg import AsyncConnection

from jalon.rehearsal.bench.ways import Bought

Left = Counter[str]
"""The rows, e-mails and charges that an order left, counted by kind."""

WHOLE = {"row": 2, "document": 2, "payment": 2, "mail": 3, "letter": 3, "charges": 1, "mandates": 1}
"""The number of each kind of thing that an order from cart to active leaves."""

PAGE = 500
FAULTS_TOLD = 10
_ROWS = """/* bench */
    with mine as (select id, coalesce(order_id, id) as bought, kind, status from entity where store_id = %(store)s)
    select bought, 'row of ' || kind || ', ' || status as what, count(*) from mine group by 1, 2
    union all
    select m.bought, 'timeline of ' || m.kind || ': ' || t.event, count(*)
    from timeline t join mine m on m.id = t.entity_id group by 1, 2
    union all
    select m.bought, 'event ' || o.type, count(*) from outbox o join mine m on m.id = o.entity_id group by 1, 2
    union all
    select m.bought, 'document ' || d.kind, count(*) from document d join mine m on m.id = d.entity_id group by 1, 2
    union all
    select m.bought, 'payment ' || concat_ws(' ', p.purpose, p.state, p.amount, p.currency), count(*)
    from payment p join mine m on m.id = p.entity_id group by 1, 2
    union all
    select m.bought, 'mail ' || l.template || ', ' || l.state, count(*)
    from mail l join mine m on m.id = l.entity_id group by 1, 2
"""


@dataclass(frozen=True)
class Agreement:
    """The comparison of `orders` orders. `faults` describe the differences, at most FAULTS_TOLD of them."""

    orders: int
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every order left the same."""
        return not self.faults


def compare(left: Mapping[str, Left], bought: Sequence[Bought]) -> Agreement:
    """Checks that the first order left a WHOLE, and every other order exactly what the first one left."""
    if not bought:
        return Agreement(0, ("no order was bought",))
    first = bought[0]
    wanted = left.get(first.id, Counter())
    faults = [
        f"{first.way} {first.id} left {found} × {sort}, not {count}"
        for sort, count in WHOLE.items()
        if (found := _of_sort(wanted, sort)) != count
    ]
    for one in bought[1:]:
        got = left.get(one.id, Counter())
        faults += [f"{one.way} {one.id} lacks {count} × {what}" for what, count in (wanted - got).items()]
        faults += [
            f"{one.way} {one.id} has {count} × {what} too many" for what, count in (got - wanted).items()
        ]
    return Agreement(len(bought), tuple(faults[:FAULTS_TOLD]))


def _of_sort(left: Left, sort: str) -> int:
    return sum(count for what, count in left.items() if what.split()[0] == sort)


async def left_behind(
    superuser: str, store: str, mailbox_url: str, payments_url: str, bought: Sequence[Bought]
) -> dict[str, Left]:
    """What each order left, by order id, read from database, mailbox and payment sandbox."""
    left: dict[str, Left] = {one.id: Counter() for one in bought}
    async with await AsyncConnection.connect(superuser, autocommit=True) as connection:
        cursor = await connection.execute(_ROWS, {"store": store})
        for order, what, count in await cursor.fetchall():
            if order in left:
                left[order][what] += count
    async with httpx.AsyncClient(timeout=30) as http:
        await _letters(http, mailbox_url, bought, left)
        await _moved(http, payments_url, "charges", bought, left)
        await _moved(http, payments_url, "mandates", bought, left)
    return left


async def _letters(
    http: httpx.AsyncClient, url: str, bought: Sequence[Bought], left: dict[str, Left]
) -> None:
    orders = {one.email: one.id for one in bought}
    after = 0
    while True:
        answer = await http.get(f"{url}/api/messages", params={"after": after, "limit": PAGE})
        letters = answer.raise_for_status().json()["messages"]
        if not letters:
            return
        after = letters[-1]["id"]
        for letter in letters:
            if letter["to"] in orders:
                left[orders[letter["to"]]][f"letter {letter['template']}"] += 1


async def _moved(
    http: httpx.AsyncClient, url: str, kind: str, bought: Sequence[Bought], left: dict[str, Left]
) -> None:
    orders = {entity: one.id for one in bought for entity in (one.id, one.subscription)}
    async for each in _listing(http, f"{url}/v1/{kind}"):
        order = orders.get(each["metadata"].get("entity", ""))
        if order is not None:
            amount = f" {each['amount']} {each['currency']}" if "amount" in each else ""
            left[order][f"{kind} at the provider: {each['status']}{amount}"] += 1


async def _listing(http: httpx.AsyncClient, url: str) -> AsyncIterator[dict[str, Any]]:
    after: str | None = None
    while True:
        given = {"limit": "100"} | ({"after": after} if after else {})
        page = (await http.get(url, params=given)).raise_for_status().json()
        for each in page["data"]:
            yield each
        after = page["next"]
        if after is None:
            return
