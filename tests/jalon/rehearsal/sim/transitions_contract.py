"""The contract of recording transitions, for the product and its model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.transition import AuditEntry, Settled, TimelineEntry
from jalon.persistence.ids import new_id
from jalon.persistence.inbox.receipts import Receipt
from tests.jalon.persistence.conftest import AT, transition
from tests.jalon.rehearsal.sim.sayings import DAY, TICK, asked, begin, find, pending, taken, told, write
from tests.jalon.rehearsal.sim.sides import Projection, Side


async def seen(side: Side, store: str, entity: str) -> Projection:
    async with side.sessions.of(store) as tx:
        row = await side.projection(tx, entity)
    assert row is not None
    return row


async def life(side: Side, store: str, entity: str) -> list[tuple[int, int, str]]:
    async with side.sessions.of(store) as tx:
        return [(epoch, seq, entry.event) for epoch, seq, entry in await side.timeline(tx, entity)]


async def acts(side: Side, store: str, entity: str) -> list[AuditEntry]:
    async with side.sessions.of(store) as tx:
        return await side.audit(tx, entity)


class TransitionsContract:
    """A transition is recorded once; another course opens an epoch; the projection is always the last one's."""

    async def test_a_transition_is_written_whole(self, side: Side, here: str, entity: str) -> None:
        lines = (TimelineEntry(AT, "b", "P5", "ana", {"n": [1, "é"]}), TimelineEntry(AT - DAY, "a"))
        said = (
            AuditEntry(AT, "zoé", "ops", "b", "H19", "because", {"n": 1}),
            AuditEntry(AT - DAY, "s", "system", "a"),
        )
        step = transition(
            here, entity, 1, "submitted", timeline=lines, audit=said, next_due_at=AT + TICK, busy=True, at=AT - TICK
        )  # fmt: skip
        assert await write(side, step) == [0]
        assert await seen(side, here, entity) == Projection(
            here, "order", 0, 1, "submitted", step.view, AT + TICK, True, AT - TICK
        )
        async with side.sessions.of(here) as tx:
            assert await side.timeline(tx, entity) == [(0, 1, line) for line in lines]
        assert await acts(side, here, entity) == list(said)

    async def test_the_same_again_brings_its_row_up_to_date_and_writes_nothing_else(
        self, side: Side, here: str, entity: str
    ) -> None:
        other = new_id(SUBSCRIPTION)
        first = told(here, entity, 1, "opened", messages=(begin(other),), next_due_at=AT)
        await write(side, first, told(here, entity, 2, "placed", "submitted"))
        again = replace(first, next_due_at=AT + DAY, busy=True)
        for _ in range(2):
            assert await write(side, again) == [0]
            assert await seen(side, here, entity) == Projection(
                here, "order", 0, 1, "cart", first.view, AT + DAY, True, AT
            )
        assert await life(side, here, entity) == [(0, 1, "opened"), (0, 2, "placed")]
        assert [act.action for act in await acts(side, here, entity)] == ["opened", "placed"]
        assert len(await pending(side, here, other)) == 1

    async def test_another_course_opens_an_epoch_and_what_follows_goes_on_in_it(
        self, side: Side, here: str, entity: str
    ) -> None:
        course = [told(here, entity, seq, f"e{seq}") for seq in (1, 2, 3)]
        other = told(here, entity, 2, "f2", "expired")
        assert await write(side, *course, course[0], other, other, course[2]) == [0, 0, 0, 0, 1, 1, 1]
        row = await seen(side, here, entity)
        assert (row.epoch, row.seq, row.status, row.view) == (1, 3, "cart", course[2].view)
        old, new = [(0, 1, "e1"), (0, 2, "e2"), (0, 3, "e3")], [(1, 2, "f2"), (1, 3, "e3")]
        assert await life(side, here, entity) == [*old, *new]

    async def test_each_reset_is_audited_before_what_it_did(self, side: Side, here: str, entity: str) -> None:
        await write(side, *(told(here, entity, seq, f"e{seq}") for seq in (1, 2, 3)))
        other = told(here, entity, 2, "f2", "expired", at=AT + TICK)
        assert await write(side, other, replace(other, status="void"), told(here, entity, 1, "g1")) == [
            1,
            2,
            2,
        ]
        said = await acts(side, here, entity)
        reset = AuditEntry(AT + TICK, "system", "system", "entity_reset")
        assert said[3] == replace(reset, data={"epoch": 1, "seq": 2, "superseded_seq": 3})
        assert said[5] == replace(reset, data={"epoch": 2, "seq": 2, "superseded_seq": 2})
        assert [act.action for act in said if act.role == "ops"] == ["e1", "e2", "e3", "f2", "f2", "g1"]

    async def test_a_receipt_keeps_its_first_mark_and_the_view_of_that_time(
        self, side: Side, here: str, entity: str
    ) -> None:
        done, not_done = [await taken(side, asked(here, entity, str(n))) for n in range(2)]
        outcome: dict[str, Any] = {"violations": [{"code": "too_late", "at": None}]}
        first = (Settled(done.id, True, {"n": 1}), Settled(not_done.id, False, outcome))
        turned = (Settled(done.id, False, outcome), Settled(not_done.id, True, {"n": 2}))
        step = transition(here, entity, 1, "submitted", settled=first)
        marks = (
            replace(done, state="applied", outcome={"n": 1}, view=step.view),
            replace(not_done, state="refused", outcome=outcome, view=step.view),
        )
        later = transition(here, entity, 2, "expired", settled=turned)
        for each in (step, step, later, transition(here, entity, 1, "void", settled=turned)):
            await write(side, each)
            assert (await find(side, here, done.id), await find(side, here, not_done.id)) == marks

    async def test_the_same_again_marks_what_is_pending_still(
        self, side: Side, here: str, entity: str
    ) -> None:
        request = asked(here, entity)
        step = transition(here, entity, 1, settled=(Settled(request.id, True, {"n": 1}),))
        await write(side, step)
        receipt = await taken(side, request)
        await write(side, step)
        mark = replace(receipt, state="applied", outcome={"n": 1}, view=step.view)
        assert await find(side, here, request.id) == mark

    async def test_a_message_becomes_a_receipt_once_for_its_key_and_sender(
        self, side: Side, here: str, entity: str
    ) -> None:
        other, sibling = new_id(SUBSCRIPTION), new_id(ORDER)
        await write(side, transition(here, other, 7, "active", kind="subscription"))
        two = (begin(other), begin(other, "begin/1", AT - DAY))
        await write(side, told(here, entity, 1, "opened", messages=two))
        await write(side, told(here, entity, 1, "opened otherwise", messages=two))
        await write(side, told(here, sibling, 1, "opened", messages=two[:1]))
        async with side.sessions.of(here) as tx:
            made = await side.receipts.pending(tx, here, other)
            senders = [await side.sender(tx, each.id) for each in made]
        assert senders == [(entity, "begin/0"), (entity, "begin/1"), (sibling, "begin/0")]
        first = Receipt(
            seq=made[0].seq, id=made[0].id, store=here, kind="subscription", entity=other, command="begin",
            body={"x": [1, None]}, actor=entity, role="entity", fingerprint=b"", received_at=AT + TICK, state="pending",
            deferred=False, outcome=None, view=None, after=7,
        )  # fmt: skip
        assert made[0] == first
        assert made[1] == replace(first, seq=made[1].seq, id=made[1].id, received_at=AT - DAY)
        assert made[2] == replace(first, seq=made[2].seq, id=made[2].id, actor=sibling)
