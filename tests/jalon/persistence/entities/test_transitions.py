"""A transition is recorded once; after a reset another course opens a new epoch, and the projection follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.transition import AuditEntry, EntityMessage, Settled, TimelineEntry, Transition
from jalon.persistence.entities import timelines, transitions
from jalon.persistence.ids import new_id
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import NewReceipt
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition


async def rows(sessions: Sessions, store: str, statement: str, **values: Any) -> list[Any]:
    async with sessions.of(store) as tx:
        return list(await tx.execute(text(statement), values))


async def write(sessions: Sessions, step: Transition, run: str | None = None) -> int:
    async with sessions.of(step.store) as tx:
        return await transitions.record(tx, step, run)


def told(store: str, entity: str, seq: int, event: str, status: str = "cart", **more: Any) -> Transition:
    return transition(store, entity, seq, status, timeline=(TimelineEntry(AT, event, "P5", "ana"),), **more)


async def test_one_transaction_writes_projection_timeline_audit_outbox_receipt_and_messages(
    sessions: Sessions, here: str, entity: str
) -> None:
    receipt, other = new_id("receipt"), new_id(SUBSCRIPTION)
    async with sessions.of(here) as tx:
        asked = NewReceipt(receipt, here, "order", entity, "place", {}, "ana", "storefront", "key", "1", b"")
        await receipts.record(tx, asked, AT, 0.0)
    step = told(
        here,
        entity,
        1,
        "order_placed",
        "submitted",
        audit=(AuditEntry(AT, "ana", "storefront", "place", "H19", "because"),),
        settled=(Settled(receipt, True, {"order": entity}),),
        messages=(EntityMessage("begin/0", "subscription", other, "begin", AT, {"x": 1}),),
        next_due_at=AT + timedelta(days=1),
    )
    assert await write(sessions, step) == 0
    (projection,) = await rows(sessions, here, "select * from entity where id = :e", e=entity)
    assert (projection.status, projection.seq, projection.next_due_at) == ("submitted", 1, step.next_due_at)
    (line,) = await rows(sessions, here, "select * from timeline where entity_id = :e", e=entity)
    assert (line.event, line.rule, line.actor, line.at) == ("order_placed", "P5", "ana", AT)
    (event,) = await rows(sessions, here, "select * from outbox where entity_id = :e", e=entity)
    assert (event.type, event.data) == ("order.order_placed", {"status": "submitted"})
    async with sessions.of(here) as tx:
        marked = await receipts.find(tx, receipt)
        (message,) = await receipts.pending(tx, here, other)
    assert marked is not None
    assert (marked.state, marked.outcome, marked.view) == ("applied", {"order": entity}, step.view)
    assert (message.command, message.body, message.role, message.actor) == (
        "begin",
        {"x": 1},
        "entity",
        entity,
    )


async def test_the_same_transition_again_changes_nothing(sessions: Sessions, here: str, entity: str) -> None:
    message = EntityMessage("begin/0", "subscription", new_id(SUBSCRIPTION), "begin", AT, {})
    step = told(here, entity, 1, "cart_opened", messages=(message,), audit=(AuditEntry(AT, "a", "ops", "b"),))
    assert [await write(sessions, step) for _ in range(3)] == [0, 0, 0]
    for table in ("transition", "timeline", "outbox", "audit"):
        assert len(await rows(sessions, here, f"select 1 from {table} where entity_id = :e", e=entity)) == 1
    assert (
        len(await rows(sessions, here, "select 1 from receipt where entity_id = :e", e=message.entity)) == 1
    )


async def test_another_course_opens_an_epoch_and_the_projection_takes_it(
    sessions: Sessions, here: str, entity: str
) -> None:
    for seq, event, status in ((1, "opened", "cart"), (2, "placed", "submitted"), (3, "paid", "processing")):
        await write(sessions, told(here, entity, seq, event, status))
    assert await write(sessions, told(here, entity, 1, "opened", "cart")) == 0
    assert await write(sessions, told(here, entity, 2, "abandoned", "expired")) == 1
    (projection,) = await rows(sessions, here, "select * from entity where id = :e", e=entity)
    assert (projection.epoch, projection.seq, projection.status) == (1, 2, "expired")
    async with sessions.of(here) as tx:
        life = [each.event for each in await timelines.timeline_items(tx, [entity])]
    assert life == ["opened", "abandoned"]
    (reset,) = await rows(sessions, here, "select * from audit where entity_id = :e", e=entity)
    assert (reset.action, reset.actor) == ("entity_reset", "system")
    assert reset.data == {"epoch": 1, "seq": 2, "superseded_seq": 3}
    assert await write(sessions, told(here, entity, 2, "abandoned", "expired")) == 1


async def test_what_a_reset_run_writes_late_changes_nothing(
    sessions: Sessions, here: str, entity: str
) -> None:
    first, second = str(uuid4()), str(uuid4())
    opened, placed = told(here, entity, 1, "opened", "cart"), told(here, entity, 2, "placed", "submitted")
    paid, begin = told(here, entity, 3, "paid", "processing"), new_id(SUBSCRIPTION)
    for step in (opened, placed):
        await write(sessions, step, first)
    for step in (placed, paid):
        await write(sessions, step, second)

    # The reset run has the same transition under way, another one under the same number, and one that its successor never makes.
    message = EntityMessage("begin/0", "subscription", begin, "begin", AT, {})
    late = (
        placed,
        told(here, entity, 3, "refused", "cart"),
        told(here, entity, 4, "begun", messages=(message,)),
    )
    assert [await write(sessions, step, first) for step in late] == [0, 0, 0]
    (projection,) = await rows(
        sessions, here, "select epoch, seq, status from entity where id = :e", e=entity
    )
    assert tuple(projection) == (0, 3, "processing")
    async with sessions.of(here) as tx:
        assert [each.event for each in await timelines.timeline_items(tx, [entity])] == [
            "opened",
            "placed",
            "paid",
        ]
    assert await rows(sessions, here, "select 1 from receipt where entity_id = :e", e=begin) == []
    assert await rows(sessions, here, "select 1 from audit where entity_id = :e", e=entity) == []

    # The newest run is not held up: it repeats, goes back to where its history ends, and takes another course.
    assert await write(sessions, placed, second) == 0
    assert await write(sessions, told(here, entity, 3, "declined", "cart"), second) == 1
    (projection,) = await rows(
        sessions, here, "select epoch, seq, status from entity where id = :e", e=entity
    )
    assert tuple(projection) == (1, 3, "cart")


def test_the_last_runs_are_remembered() -> None:
    runs: tuple[str, ...] = ()
    for run in map(str, range(12)):
        runs = transitions.runs_with(run, runs) or ()
        assert transitions.runs_with(run, runs) == runs
        assert transitions.runs_with(None, runs) == runs
    assert runs == tuple(map(str, range(12)))[-transitions.RUNS_KEPT :]
    assert transitions.runs_with("10", runs) is None


async def test_a_message_is_sent_once_whatever_the_epoch(sessions: Sessions, here: str, entity: str) -> None:
    begin = EntityMessage("begin/0", "subscription", new_id(SUBSCRIPTION), "begin", AT, {})
    await write(sessions, told(here, entity, 1, "opened", messages=(begin,)))
    await write(sessions, told(here, entity, 1, "opened otherwise", messages=(begin,)))
    assert len(await rows(sessions, here, "select 1 from receipt where entity_id = :e", e=begin.entity)) == 1


@pytest.mark.rule("G6")
async def test_the_audit_is_a_chain_over_digests(sessions: Sessions, here: str, entity: str) -> None:
    entries = [AuditEntry(AT, "ana", "ops", f"act {n}", None, f"reason {n}", {"n": n}) for n in range(4)]
    await write(sessions, transition(here, entity, 1, audit=tuple(entries[:2])))
    await write(sessions, transition(here, entity, 2, audit=tuple(entries[2:])))
    kept = await rows(sessions, here, "select * from audit where entity_id = :e order by id", e=entity)
    assert [row.action for row in kept] == [entry.action for entry in entries]
    assert [bytes(row.previous) for row in kept] == [b"", *(bytes(row.digest) for row in kept[:-1])]
    assert len({bytes(row.digest) for row in kept}) == 4


async def test_a_settled_receipt_keeps_its_first_mark(sessions: Sessions, here: str, entity: str) -> None:
    receipt = new_id("receipt")
    async with sessions.of(here) as tx:
        asked = NewReceipt(receipt, here, "order", entity, "cancel", {}, "ana", "support", "key", "1", b"")
        await receipts.record(tx, asked, AT, 0.0)
    await write(sessions, transition(here, entity, 1, settled=(Settled(receipt, True, {"first": True}),)))
    await write(
        sessions, transition(here, entity, 1, "x", settled=(Settled(receipt, False, {"first": False}),))
    )
    async with sessions.of(here) as tx:
        kept = await receipts.find(tx, receipt)
    assert kept is not None
    assert (kept.state, kept.outcome) == ("applied", {"first": True})
