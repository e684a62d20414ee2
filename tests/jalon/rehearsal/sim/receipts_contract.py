"""The contract of receipts, for the product and its model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jalon.domain.kinds import ORDER
from jalon.domain.transition import Settled
from jalon.persistence.ids import new_id
from jalon.persistence.inbox.receipts import Receipt
from tests.jalon.persistence.conftest import AT, transition
from tests.jalon.rehearsal.sim.sayings import DAY, asked, find, offer, pending, taken, write
from tests.jalon.rehearsal.sim.sides import Side


class ReceiptsContract:
    """One receipt for a key, stamped once, numbered in order, pending until it is settled and its delivery confirmed."""

    async def test_a_receipt_says_what_was_asked_and_its_stamp_is_the_sandbox_instant(
        self, side: Side, here: str, entity: str
    ) -> None:
        request, at = asked(here, entity), datetime(2026, 4, 15, 21, 59, 59, 999999, tzinfo=UTC)
        receipt = await taken(side, request, at, spent=2.5)
        assert receipt == Receipt(
            seq=receipt.seq, id=request.id, store=here, kind="order", entity=entity, command="cancel", body=request.body,
            actor="ana", role="support", fingerprint=b"\0body", received_at=at, state="pending", deferred=False,
            outcome=None, view=None, after=0,
        )  # fmt: skip
        assert await find(side, here, request.id) == receipt
        async with side.sessions.of(here) as tx:
            assert await side.sender(tx, request.id) == ("key_1", "1")

    async def test_a_live_stamp_is_database_time_less_what_was_spent(
        self, side: Side, here: str, entity: str
    ) -> None:
        async with side.sessions.of(here) as tx:
            before = await side.now(tx)
            receipt = await side.receipts.record(tx, asked(here, entity), None, 1.5)
            after = await side.now(tx)
            taken_at = await side.accepted_at(tx, receipt.id)
        assert before <= receipt.received_at + timedelta(seconds=1.5) <= after
        assert before <= taken_at <= after

    async def test_a_key_is_taken_once_and_asking_again_changes_nothing(
        self, side: Side, here: str, entity: str
    ) -> None:
        first, second = await taken(side, asked(here, entity)), asked(here, entity)
        assert await offer(side, second, AT + DAY) is None
        assert await offer(side, asked(here, new_id(ORDER)), AT + DAY) is None
        assert await find(side, here, first.id) == first
        async with side.sessions.of(here) as tx:
            await side.receipts.refuse(tx, first.id, {"status": 409})
        refused = await find(side, here, first.id)
        assert await offer(side, second, AT + DAY) is None
        assert await find(side, here, first.id) == refused
        assert await find(side, here, second.id) is None

    async def test_a_key_is_one_principals_in_one_store(self, side: Side, here: str, entity: str) -> None:
        made = [
            await offer(side, asked(here, entity)),
            await offer(side, asked(here, entity, principal="key_2")),
            await offer(side, asked(here, entity, key="2")),
            await offer(side, asked(f"{here}-other", new_id(ORDER))),
        ]
        assert None not in made

    async def test_numbers_rise_in_receipt_order_and_so_does_what_is_pending(
        self, side: Side, here: str, entity: str
    ) -> None:
        made = [await taken(side, asked(here, entity, str(n)), AT - n * DAY) for n in range(4)]
        assert [each.seq for each in made] == sorted({each.seq for each in made})
        assert await pending(side, here, entity) == [each.id for each in made]

    async def test_pending_is_what_is_not_settled_or_not_confirmed(
        self, side: Side, here: str, entity: str
    ) -> None:
        open_, settled, delivered, both = [await taken(side, asked(here, entity, str(n))) for n in range(4)]
        await taken(side, asked(here, new_id(ORDER), "another's"))
        marks = tuple(Settled(each.id, True, {}) for each in (settled, both))
        await write(side, transition(here, entity, 1, settled=marks))
        async with side.sessions.of(here) as tx:
            stand = await side.receipts.confirm(tx, [delivered, both])
        assert await pending(side, here, entity) == [open_.id, settled.id, delivered.id]
        assert await pending(side, f"{here}-other", entity) == []
        assert {id_: each.state for id_, each in stand.items()} == {
            delivered.id: "pending",
            both.id: "applied",
        }

    async def test_a_receipt_knows_how_far_its_entity_had_come(
        self, side: Side, here: str, entity: str
    ) -> None:
        heard = [await taken(side, asked(here, entity, "0"))]
        for seq, status in ((1, "cart"), (2, "submitted"), (1, "expired")):
            await write(side, transition(here, entity, seq, status))
            heard.append(await taken(side, asked(here, entity, f"{seq} {status}")))
        assert [each.after for each in heard] == [0, 1, 2, 1]
        assert (await taken(side, asked(here, new_id(ORDER), "another's"))).after == 0

    async def test_only_what_is_pending_can_be_deferred_or_refused(
        self, side: Side, here: str, entity: str
    ) -> None:
        refused, applied = [await taken(side, asked(here, entity, str(n))) for n in range(2)]
        await write(side, transition(here, entity, 1, settled=(Settled(applied.id, True, {"ok": 1}),)))
        settled = await find(side, here, applied.id)
        async with side.sessions.of(here) as tx:
            await side.receipts.defer(tx, refused.id)
            assert await side.receipts.find(tx, refused.id) == replace(refused, deferred=True)
            for outcome in ({"status": 409}, {"status": 500}):
                await side.receipts.refuse(tx, refused.id, outcome)
                await side.receipts.refuse(tx, applied.id, outcome)
            await side.receipts.defer(tx, applied.id)
        stands = replace(refused, state="refused", deferred=True, outcome={"status": 409})
        assert await find(side, here, refused.id) == stands
        assert await find(side, here, applied.id) == settled
        assert await pending(side, here, entity) == [applied.id]

    async def test_what_was_never_recorded_is_not_marked(self, side: Side, here: str, entity: str) -> None:
        receipt = await taken(side, asked(here, entity))
        nobody = replace(receipt, id=new_id("receipt"))
        await write(side, transition(here, entity, 1, settled=(Settled(nobody.id, True, {}),)))
        async with side.sessions.of(here) as tx:
            await side.receipts.defer(tx, nobody.id)
            await side.receipts.refuse(tx, nobody.id, {})
            assert await side.receipts.confirm(tx, [nobody, receipt]) == {receipt.id: receipt}
            assert await side.receipts.find(tx, nobody.id) is None
