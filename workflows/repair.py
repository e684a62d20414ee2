"""The workflow of a repair in bulk: it decides what is sent when, and activities send and look."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow

from activities.contracts.base import ActivityRef
from activities.contracts.repairs import (
    END_REPAIR,
    MOVE_REPAIR,
    OBSERVE_REPAIR,
    SEND_REPAIR,
    RepairMove,
    RepairRef,
    RepairSending,
)
from jalon.domain.repairs.course import (
    ASLEEP_SECONDS,
    Becomes,
    Ends,
    Progress,
    Sends,
    Waits,
    look_again_after,
    next_move,
)
from workflows.engine import options

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

TURNS_OF_A_RUN = 200
"""The decisions of one run; the next run begins with an empty history."""


@dataclass(frozen=True)
class RepairStart:
    """The repair and its stores. Nothing else passes from run to run: PostgreSQL has the counts."""

    repair: str
    stores: tuple[str, ...]


@workflow.defn(name="Repair")
class RepairWorkflow:
    """One repair: the canary, then the rest by its pace, until every entity is settled or a person ends it.

    It sends no entity its command twice: each is one receipt under a key of the repair and the entity.
    """

    @workflow.init
    def __init__(self, start: RepairStart) -> None:
        self._of = RepairRef(start.repair, start.stores)
        self._changed, self._quiet = False, 0
        self._next_at: datetime | None = None

    @workflow.signal
    def changed(self) -> None:
        """A person approved, paused, resumed or aborted the repair; its row says which."""
        self._changed = True

    @workflow.run
    async def run(self, start: RepairStart) -> None:
        """Returns when nothing of the repair is under way any more."""
        seen: Progress | None = None
        for _ in range(TURNS_OF_A_RUN):
            self._changed = False
            progress = await self._ask(OBSERVE_REPAIR, self._of)
            self._quiet = self._quiet + 1 if progress == seen else 0
            seen = progress
            workflow.set_current_details(_in_words(progress))
            move = next_move(progress)
            match move:
                case Ends():
                    await self._ask(END_REPAIR, self._of)
                    return
                case Becomes(state, why):
                    await self._ask(MOVE_REPAIR, RepairMove(self._of, state, why))
                case Sends(most, wait):
                    await self._send(most, wait)
                case Waits(asleep):
                    await self._rest(ASLEEP_SECONDS if asleep else look_again_after(self._quiet))
            if workflow.info().is_continue_as_new_suggested():
                break
        workflow.continue_as_new(start)

    async def _ask(self, ref: ActivityRef[Asked, Answer], request: Asked) -> Answer:
        answer: Answer = await workflow.execute_activity(
            ref.name,
            request,
            result_type=ref.answer,
            start_to_close_timeout=timedelta(minutes=5),
            heartbeat_timeout=timedelta(seconds=15),
            retry_policy=options.FOR_EVER,
        )
        return answer

    async def _send(self, most: int, wait: float) -> None:
        """Sends the next entities once the pace allows it. Outcomes are looked at while it waits."""
        early = (self._next_at - workflow.now()).total_seconds() if self._next_at else 0.0
        if early > 0:
            await self._rest(min(early, look_again_after(self._quiet)))
            return
        sent = await self._ask(SEND_REPAIR, RepairSending(self._of, most))
        self._next_at = workflow.now() + timedelta(seconds=wait)
        if not sent.sent:
            await self._rest(look_again_after(self._quiet))

    async def _rest(self, seconds: float) -> None:
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(lambda: self._changed, timeout=timedelta(seconds=seconds))


def _in_words(progress: Progress) -> str:
    return (
        f"{progress.state}: {progress.healed} healed, {progress.failed} not healed, "
        f"{progress.pending} under way, {progress.unsent} to be sent"
    )
