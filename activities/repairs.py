"""Carries a repair in bulk out: sends each entity one receipt, and reads what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from temporalio import activity

from activities.contracts.base import Done
from activities.contracts.repairs import (
    END_REPAIR,
    MOVE_REPAIR,
    OBSERVE_REPAIR,
    SEND_REPAIR,
    RepairMove,
    RepairRef,
    RepairSending,
    RepairSent,
)
from activities.dispatching import EngineUnreachable, EntityClosed, ReceiptDispatcher, Resetter
from activities.resets import Resets
from jalon.domain.repairs.assessment import changed_since
from jalon.domain.repairs.course import Progress
from jalon.domain.repairs.names import RepairAction, RepairState
from jalon.persistence.ids import new_id
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import NewReceipt, Receipt
from jalon.persistence.operations import clocks
from jalon.persistence.repairs import items, jobs
from jalon.persistence.repairs.items import Unsent
from jalon.persistence.repairs.jobs import Repair
from jalon.persistence.sessions import Sessions
from jalon.policy.model.store_policy import StorePolicy

AT_ONCE = 8
"""The entities to which receipts are delivered at once."""
DELIVERY_SECONDS = 5.0
BEAT_SECONDS = 3.0


class Repairs:
    """The activities of repairs. Each is safe to repeat: an entity gets one receipt under a key of the repair and its number."""

    def __init__(
        self,
        sessions: Sessions,
        dispatcher: ReceiptDispatcher,
        resetter: Resetter,
        policies: Mapping[str, StorePolicy],
    ) -> None:
        self._sessions = sessions
        self._dispatcher = dispatcher
        self._policies = policies
        self._resets = Resets(sessions, resetter)

    @activity.defn(name=OBSERVE_REPAIR.name)
    async def observe_repair(self, of: RepairRef) -> Progress:
        """Settles the entities whose outcome is known, and returns the counts."""
        async with self._sessions.of(*of.stores) as tx:
            repair = await _known(tx, of.repair)
            if repair.action is not RepairAction.RESET:
                await items.observe(tx, repair.id, repair.action)
        if repair.action is RepairAction.RESET:
            async with _beating():
                await self._resets.observe(repair)
        async with self._sessions.of(*of.stores) as tx:
            return await jobs.progress(tx, repair.id)

    @activity.defn(name=SEND_REPAIR.name)
    async def send_repair(self, sending: RepairSending) -> RepairSent:
        """Sends the next entities their command. Returns how many had their turn; those of a store whose clock advances wait."""
        async with self._sessions.of(*sending.of.stores) as tx:
            repair = await _known(tx, sending.of.repair)
            unsent = await items.to_send(tx, repair.id, sending.most)
        slots = asyncio.Semaphore(AT_ONCE)

        async def send(item: Unsent) -> bool:
            async with slots:
                if repair.action is RepairAction.RESET:
                    return await self._resets.send(repair, item)
                return await self._send(repair, item)

        async with _beating():
            return RepairSent(sum(await asyncio.gather(*map(send, unsent))))

    @activity.defn(name=MOVE_REPAIR.name)
    async def move_repair(self, move: RepairMove) -> Done:
        """Records the state that the repair goes into by itself."""
        async with self._sessions.of(*move.of.stores) as tx:
            await jobs.become(tx, move.of.repair, RepairState(move.state), move.why)
        return Done()

    @activity.defn(name=END_REPAIR.name)
    async def end_repair(self, of: RepairRef) -> Done:
        """Records that nothing of the repair is under way any more."""
        async with self._sessions.of(*of.stores) as tx:
            await jobs.end(tx, of.repair)
        return Done()

    async def _send(self, repair: Repair, item: Unsent) -> bool:
        """Records the receipt of one entity with the mark that it was sent, then delivers it. The relay delivers what this cannot."""
        live = self._policies[item.store].store.clock == "live"
        async with self._sessions.of(*repair.stores) as tx:
            if item.changed:
                refusal = changed_since(item.step)
                await items.refuse(tx, repair.id, item.n, refusal.code, refusal.message)
                return True
            clock = None if live else await clocks.read(tx, item.store, lock="share")
            if clock is not None and clock.advance_to is not None:
                return False
            await receipts.lock_inbox(tx, item.entity)
            receipt = await receipts.record(tx, _receipt(repair, item), clock.now if clock else None, 0.0)
            await items.mark_sent(tx, repair.id, item.n, receipt.id if receipt else None)
            pending = await receipts.pending(tx, item.store, item.entity) if receipt else []
        await self._deliver(pending, live)
        return True

    async def _deliver(self, pending: list[Receipt], live: bool) -> None:
        if not pending:
            return
        with suppress(EngineUnreachable, EntityClosed):
            await self._dispatcher.dispatch(pending, live=live, timeout=DELIVERY_SECONDS, wait=False)
            async with self._sessions.of(pending[0].store) as tx:
                await receipts.confirm(tx, pending)


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Tells Temporal within the block that this worker is alive, so that another goes on soon after a kill."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(BEAT_SECONDS)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()


async def _known(tx: Any, repair: str) -> Repair:
    found = await jobs.read(tx, repair)
    if found is None:
        raise LookupError(f"there is no repair {repair}")
    return found


def _receipt(repair: Repair, item: Unsent) -> NewReceipt:
    """The command of one item. Its key names the repair and the item, so that no replay records it twice."""
    return NewReceipt(
        id=new_id("receipt"),
        store=item.store,
        kind=item.kind,
        entity=item.entity,
        command=repair.command,
        body=repair.body | {"step": item.step},
        actor=repair.started_by or repair.planned_by,
        role=repair.started_role or "ops",
        principal=f"repair:{repair.id}",
        idempotency_key=str(item.n),
        fingerprint=b"",
    )
