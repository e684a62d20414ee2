"""Receipts: stamped by the database, ordered within an entity, made once per key, and ordered against its closings."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from jalon import tracing
from jalon.domain.kinds import ORDER
from jalon.domain.traces import Trace
from jalon.persistence.entities import overviews
from jalon.persistence.ids import new_id
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import NewReceipt, Receipt
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT
from tests.support.world import turns


def request(store: str, entity: str, key: str | None = None, principal: str = "key_1") -> NewReceipt:
    receipt = new_id("receipt")
    return NewReceipt(
        receipt, store, "order", entity, "cancel", {}, "ana", "support", principal, key or receipt, b"body"
    )


async def record(
    sessions: Sessions, asked: NewReceipt, at: datetime | None = AT, spent: float = 0.0
) -> Receipt | None:
    async with sessions.of(asked.store) as tx:
        await receipts.lock_inbox(tx, asked.entity)
        return await receipts.record(tx, asked, at, spent)


@pytest.mark.rule("G3")
async def test_a_live_stamp_is_database_time_less_what_the_request_already_took(
    sessions: Sessions, here: str, entity: str
) -> None:
    async with sessions.unscoped() as tx:
        before: datetime = (await tx.execute(text("select clock_timestamp()"))).scalar_one()
    taken = await record(sessions, request(here, entity), at=None, spent=1.5)
    assert taken is not None
    assert before - timedelta(seconds=1.5) <= taken.received_at <= datetime.now(UTC) - timedelta(seconds=1.4)


@pytest.mark.rule("G3")
async def test_a_sandbox_stamp_is_the_frozen_instant_to_the_microsecond(
    sessions: Sessions, here: str, entity: str
) -> None:
    at = datetime(2026, 4, 15, 21, 59, 59, 999999, tzinfo=UTC)
    taken = await record(sessions, request(here, entity), at=at)
    assert taken is not None
    assert taken.received_at == at


async def test_a_receipt_keeps_the_trace_of_its_request(sessions: Sessions, here: str, entity: str) -> None:
    first, second = tracing.new_trace(), tracing.new_trace()
    for place in (first, second):
        tracing.follow(place)
        taken = await record(sessions, request(here, entity))
        tracing.follow(None)
        assert taken is not None
        assert Trace.parse(taken.trace) == place
    async with sessions.of(here) as tx:
        assert (await overviews.beside(tx, entity)).trace == second.id
    assert await record(sessions, request(here, entity)) is not None
    async with sessions.of(here) as tx:
        assert (await overviews.beside(tx, entity)).trace is None


@pytest.mark.rule("T15")
async def test_forty_at_once_under_one_key_make_one_receipt(
    sessions: Sessions, here: str, entity: str
) -> None:
    made = await asyncio.gather(*(record(sessions, request(here, entity, key="same")) for _ in range(40)))
    (taken,) = [each for each in made if each is not None]
    async with sessions.of(here) as tx:
        assert [each.id for each in await receipts.pending(tx, here, entity)] == [taken.id]
    assert await record(sessions, request(here, entity, key="same", principal="key_2")) is not None


@pytest.mark.rule("G3")
async def test_numbers_rise_in_receipt_order_within_an_entity(
    sessions: Sessions, here: str, entity: str
) -> None:
    made = await asyncio.gather(*(record(sessions, request(here, entity), at=None) for _ in range(30)))
    taken = sorted((each for each in made if each is not None), key=lambda each: each.seq)
    assert len(taken) == 30
    assert [each.received_at for each in taken] == sorted(each.received_at for each in taken)
    async with sessions.of(here) as tx:
        assert [each.seq for each in await receipts.pending(tx, here, entity)] == [each.seq for each in taken]


async def test_who_confirm_the_same_receipts_never_wait_for_each_other(
    sessions: Sessions, here: str, entity: str
) -> None:
    made = await asyncio.gather(*(record(sessions, request(here, entity), at=None) for _ in range(40)))
    taken = [each for each in made if each is not None]

    async def confirm(step: int) -> int:
        async with sessions.of(here) as tx:
            return len(await receipts.confirm(tx, taken[::step]))

    for _ in range(10):
        assert await asyncio.gather(*(confirm(step) for step in (1, -1) * 4)) == [40] * 8


@pytest.mark.rule("G3")
async def test_a_closing_waits_for_a_receipt_that_is_being_written(
    sessions: Sessions, here: str, entity: str
) -> None:
    asked, written = request(here, entity), asyncio.Event()

    async def closing() -> list[Receipt]:
        await written.wait()
        async with sessions.of(here) as tx:
            await receipts.lock_inbox(tx, entity)
            return await receipts.pending(tx, here, entity)

    looking = asyncio.create_task(closing())
    async with sessions.of(here) as tx:
        await receipts.lock_inbox(tx, entity)
        await receipts.record(tx, asked, AT, 0.0)
        written.set()
        for _ in turns("the closing waits for the lock", 1000):
            blocked = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
            if (await tx.execute(blocked)).scalar_one():
                break
            await asyncio.sleep(0.01)
        assert not looking.done()
    assert [each.id for each in await looking] == [asked.id]


async def test_the_relay_finds_messages_at_once_and_requests_after_a_while(
    sessions: Sessions, here: str, entity: str
) -> None:
    other = new_id(ORDER)
    await record(sessions, request(here, entity))
    async with sessions.of(here) as tx:
        await tx.execute(
            text(
                "insert into receipt (id, store_id, entity_kind, entity_id, command, body, actor, role, principal,"
                " idempotency_key, fingerprint, received_at) values (:id, :store, 'order', :other, 'line_settled',"
                " '{}', 'sub', 'entity', 'sub', 'line', '', now())"
            ),
            {"id": new_id("receipt"), "store": here, "other": other},
        )
    async with sessions.of(here) as tx:
        assert [each.entity for each in await receipts.undelivered(tx, 60.0, 10)] == [other]
        both = await receipts.undelivered(tx, 0.0, 10)
    assert [(each.store, each.entity) for each in both] == [(here, entity), (here, other)]


async def test_deferred_and_refused_are_marks_of_pending_ones_only(
    sessions: Sessions, here: str, entity: str
) -> None:
    taken = await record(sessions, request(here, entity))
    assert taken is not None
    async with sessions.of(here) as tx:
        await receipts.defer(tx, taken.id)
        deferred = await receipts.find(tx, taken.id)
        await receipts.refuse(tx, taken.id, {"status": 409, "violations": []})
        await receipts.refuse(tx, taken.id, {"status": 500, "violations": []})
        refused = await receipts.find(tx, taken.id)
    assert deferred is not None
    assert refused is not None
    assert (deferred.state, deferred.deferred) == ("pending", True)
    assert (refused.state, refused.outcome) == ("refused", {"status": 409, "violations": []})


async def test_settled_receipts_are_forgotten_after_thirty_days_and_pending_ones_never(
    sessions: Sessions, owner: Sessions, here: str, entity: str
) -> None:
    old, fresh, open_ = [await record(sessions, request(here, entity)) for _ in range(3)]
    assert old is not None
    assert fresh is not None
    assert open_ is not None
    async with sessions.of(here) as tx:
        await receipts.refuse(tx, old.id, {})
        await receipts.refuse(tx, fresh.id, {})
    async with owner.of(here) as tx:
        aged = text("update receipt set accepted_at = now() - interval '31 days' where id in (:old, :open)")
        await tx.execute(aged, {"old": old.id, "open": open_.id})
    async with sessions.of(here) as tx:
        assert await receipts.forget_old(tx) == 1
        assert await receipts.find(tx, old.id) is None
        assert await receipts.find(tx, fresh.id) is not None
        assert await receipts.find(tx, open_.id) is not None
        assert await receipts.forget_old(tx) == 0
        (told,) = await tx.execute(text("select * from audit where entity_id = :store"), {"store": here})
    assert (told.store_id, told.action, told.rule) == (here, "forget_receipts", "T15")
    assert told.data == {"receipts": 1, "up_to": old.seq}


async def test_a_settled_receipt_is_sent_again_until_its_delivery_is_confirmed(
    sessions: Sessions, here: str, entity: str
) -> None:
    taken = await record(sessions, request(here, entity))
    assert taken is not None
    async with sessions.of(here) as tx:
        await tx.execute(text("update receipt set state = 'applied' where id = :id"), {"id": taken.id})
        assert [each.id for each in await receipts.pending(tx, here, entity)] == [taken.id]
        confirmed = await receipts.confirm(tx, [taken])
        assert confirmed[taken.id].state == "applied"
        assert await receipts.pending(tx, here, entity) == []
