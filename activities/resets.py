"""Resets the entities of a repair to the point before a fault of ours, and reads whether they go on."""

from __future__ import annotations

from activities.dispatching import EngineUnreachable, ResetPoint, ResetRefused, Resetter
from jalon.domain.parking import fingerprint
from jalon.domain.repairs.names import ItemState
from jalon.domain.transition import AuditEntry
from jalon.persistence.operations import clocks, stalled, worklists
from jalon.persistence.repairs import items
from jalon.persistence.repairs.items import Reset, Unsent
from jalon.persistence.repairs.jobs import Repair
from jalon.persistence.sessions import Sessions

WENT_ON = "The entity went on by itself, and was not reset."


class Resets:
    """One repair's resets. Each has one request id, so that a repetition resets nothing twice."""

    def __init__(self, sessions: Sessions, resetter: Resetter) -> None:
        self._sessions = sessions
        self._resetter = resetter

    async def send(self, repair: Repair, item: Unsent) -> bool:
        """Resets one entity, and audits it. Returns False where Temporal cannot be reached, so that its turn comes again."""
        try:
            point = await self._point(repair, item)
            if point is None:
                await self._settle(repair, item.n, ItemState.HEALED, None, WENT_ON)
                return True
            reason = f"{repair.name}: {repair.reason}"
            run = await self._resetter.reset(
                item.kind, item.store, item.entity, point, f"{repair.id}/{item.n}", reason[:200]
            )
        except EngineUnreachable:
            return False
        except ResetRefused as refused:
            async with self._sessions.of(*repair.stores) as tx:
                await items.refuse(tx, repair.id, item.n, refused.code, refused.message)
            return True
        await self._note(repair, item, point, run, reason)
        return True

    async def observe(self, repair: Repair) -> None:
        """Settles the entities whose workflow task was done since, or fails again."""
        async with self._sessions.of(*repair.stores) as tx:
            waiting = await items.reset_so_far(tx, repair.id)
        for each in waiting:
            await self._look(repair, each)

    async def _point(self, repair: Repair, item: Unsent) -> ResetPoint | None:
        """Where to reset to. What was written down by an interrupted attempt holds, since that attempt may have reset already."""
        if item.point is not None:
            return ResetPoint(**item.point)
        point = await self._resetter.point(item.kind, item.store, item.entity)
        if point is not None:
            async with self._sessions.of(*repair.stores) as tx:
                await items.intend_reset(tx, repair.id, item.n, {"run": point.run, "event": point.event})
        return point

    async def _note(self, repair: Repair, item: Unsent, point: ResetPoint, run: str, reason: str) -> None:
        facts = {
            "repair": repair.id,
            "before": {"run": point.run, "event": point.event},
            "after": {"run": run},
        }
        async with self._sessions.of(*repair.stores) as tx:
            at = await clocks.clock_now(tx, item.store)
            actor, role = repair.started_by or repair.planned_by, repair.started_role or "ops"
            entry = AuditEntry(at, actor, role, "reset", None, reason, facts)
            await worklists.record_audit(tx, item.store, item.entity, entry)
            await items.mark_sent(tx, repair.id, item.n, None)

    async def _look(self, repair: Repair, each: Reset) -> None:
        try:
            state = await self._resetter.task_state(each.kind, each.store, each.entity)
        except EngineUnreachable:
            return
        except ResetRefused as refused:
            async with self._sessions.of(*repair.stores) as tx:
                await items.refuse(tx, repair.id, each.n, refused.code, refused.message)
            return
        if state.cause is not None:
            again = fingerprint(stalled.WORKFLOW_TASK, state.cause) == each.fingerprint
            outcome = ItemState.PARKED_AGAIN if again else ItemState.PARKED_OTHER
            await self._settle(repair, each.n, outcome, state.cause)
        elif state.done:
            async with self._sessions.of(*repair.stores) as tx:
                await stalled.clear(tx, each.entity, stalled.WORKFLOW_TASK)
            await self._settle(repair, each.n, ItemState.HEALED, None)

    async def _settle(
        self, repair: Repair, n: int, state: ItemState, cause: str | None, message: str | None = None
    ) -> None:
        async with self._sessions.of(*repair.stores) as tx:
            await items.settle(tx, repair.id, n, state, cause, message)
