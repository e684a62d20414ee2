"""Lists by each filter, and who may use a product, as transitions leave them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.statuses import OrderFact, OrderStatus
from jalon.persistence.entities import entities, transitions
from jalon.persistence.entities.entities import Filters
from jalon.persistence.ids import new_id
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

TICK = timedelta(microseconds=1)


async def record(sessions: Sessions, store: str, entity: str, seq: int = 1, **view: Any) -> None:
    """A transition after which the entity has these fields in its view."""
    kind = (SUBSCRIPTION if SUBSCRIPTION.is_id(entity) else ORDER).name
    status = view.pop("status", "completed")
    whole = {"id": entity, "status": status, "number": None, "parked": []} | view
    async with sessions.of(store) as tx:
        await transitions.record(tx, transition(store, entity, seq, status, kind=kind, view=whole))


async def listed(sessions: Sessions, *stores: str, **filters: Any) -> list[str]:
    """The ids of the orders in the list."""
    async with sessions.of(*stores) as tx:
        return [each.id for each in await entities.listed(tx, Filters(ORDER.name, stores, 20, **filters))]


async def users(sessions: Sessions, store: str, party: str) -> list[str]:
    async with sessions.of(store) as tx:
        return [each.id for each in await entities.used_by(tx, store, party, "light")]


async def test_an_order_is_listed_by_the_instant_it_was_placed_at(sessions: Sessions, here: str) -> None:
    cart, placed = new_id(ORDER), new_id(ORDER)
    at = AT + timedelta(days=1, microseconds=250)
    await record(sessions, here, cart, status="cart", placed_at=None)
    await record(sessions, here, placed, placed_at=at.isoformat())

    async def found(stores: tuple[str, ...], **filters: datetime) -> list[str]:
        return await listed(sessions, *stores, **filters)

    for stores in ((here,), (here, f"{here}-other")):
        assert await found(stores, placed_after=at - TICK) == [placed]
        assert await found(stores, placed_after=at) == []
        assert await found(stores, placed_before=at + TICK) == [placed]
        assert await found(stores, placed_before=at) == []
        assert await found(stores, placed_after=at - TICK, placed_before=at + TICK) == [placed]


async def test_one_store_and_many_list_the_same(sessions: Sessions, here: str) -> None:
    delayed, plain = new_id(ORDER), new_id(ORDER)
    await record(sessions, here, delayed, delayed_at=AT.isoformat(), buyer="pty_a")
    await record(sessions, here, plain, delayed_at=None, buyer="pty_b")
    await record(sessions, f"{here}-other", new_id(ORDER))
    for stores in ((here,), (here, f"{here}-empty")):
        assert set(await listed(sessions, *stores)) == {delayed, plain}
        assert set(await listed(sessions, *stores, status=OrderStatus.COMPLETED)) == {delayed, plain}
        assert await listed(sessions, *stores, status=OrderStatus.CART) == []
        both = (OrderStatus.COMPLETED, OrderStatus.CART)
        assert set(await listed(sessions, *stores, statuses=both)) == {delayed, plain}
        assert await listed(sessions, *stores, statuses=(OrderStatus.CART,)) == []
        assert await listed(sessions, *stores, fact=OrderFact.DELAYED_AT) == [delayed]
        assert await listed(sessions, *stores, fact=OrderFact.DECLINED_AT) == []
        assert await listed(sessions, *stores, buyers=["pty_b"]) == [plain]
        first, second = await listed(sessions, *stores)
        assert await listed(sessions, *stores, after=first) == [second]


async def test_who_has_a_seat_follows_every_transition(sessions: Sessions, here: str) -> None:
    subscription = new_id(SUBSCRIPTION)
    facts: dict[str, Any] = {"sku": "light", "buyer": f"pty_buyer_{here}", "status": "active"}
    former, later = f"pty_former_{here}", f"pty_later_{here}"
    seats = [{"number": 1, "party": former}, {"number": 2, "party": former}, {"number": 3, "party": None}]
    await record(sessions, here, subscription, **facts, seats=seats)
    assert (
        await users(sessions, here, former) == await users(sessions, here, facts["buyer"]) == [subscription]
    )
    assert await users(sessions, here, later) == []
    await record(sessions, here, subscription, 2, **facts, seats=[{"number": 1, "party": later}])
    assert (await users(sessions, here, former), await users(sessions, here, later)) == ([], [subscription])
    assert await users(sessions, f"{here}-other", later) == []
    await record(sessions, here, subscription, 3, **facts, seats=[])
    assert await users(sessions, here, later) == []
