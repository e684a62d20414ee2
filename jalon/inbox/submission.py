"""Records every write in PostgreSQL before sending it to its workflow; the receipt's stamp decides (G3, T15).

A write is answered once its entity has settled it and the projection shows the result. Where Temporal cannot be reached, the answer is
202 and the relay delivers the receipt later. For 30 days the same key gives the same answer, and the same key with another body is
refused.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.dispatching import EngineUnreachable, EntityClosed
from jalon import tracing
from jalon.inbox.after_end import refuse_after_end
from jalon.inbox.caller import Caller
from jalon.inbox.dispatch import CommandDispatcher
from jalon.inbox.rejections import ClockAdvances, KeyReused, StillInProgress, TargetUnknown, TooLate
from jalon.inbox.writes import AdministrativeWrite, Compose, IdempotentRequest, Target
from jalon.persistence.entities.entities import people_in
from jalon.persistence.ids import new_id
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import NewReceipt, Receipt
from jalon.persistence.inbox.targets import TargetState, read_target
from jalon.persistence.people.parties import Parties, Party
from jalon.persistence.sessions import Sessions
from workflows.engine.commands import Command

log = structlog.get_logger("jalon.inbox")

COMMIT_WITHIN_SECONDS = 3.0
"""A receipt is committed within this many seconds of its stamp, or not at all. Closings wait longer than that (G3)."""
DELIVERY_SECONDS = 8.0
ANSWERED_WITHIN_SECONDS = 5.0
"""The longest wait for the answer of other entities that a command concerns; then the answer is 202."""
ANSWER_POLL_SECONDS = 0.05
INSTALLATION = "installation"
"""Receipt kind of administrative writes without a workflow (keys, outages, test clocks); always stamped in real time."""


class Counts(Protocol):
    """Counts commands by result: applied, refused, deferred, repeated or too_late."""

    def command(self, name: str, outcome: str) -> None: ...


class InboxResources(Protocol):
    """What a submitter records and dispatches writes with."""

    @property
    def sessions(self) -> Sessions: ...
    @property
    def parties(self) -> Parties: ...
    @property
    def dispatcher(self) -> CommandDispatcher: ...

    def is_live(self, store: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Submission:
    """The result of a write: its receipt, and the people that the entity's view refers to."""

    receipt: Receipt
    people: Mapping[str, Party]


class _KeyTakenMeanwhile(Exception):
    """Another request with the same idempotency key was recorded after this one had looked for the key."""


class Submitter:
    """Records writes, has them dispatched, and returns their submissions."""

    def __init__(self, resources: InboxResources, metrics: Counts) -> None:
        self._resources = resources
        self._metrics = metrics

    async def submit(
        self, caller: Caller, idempotent_request: IdempotentRequest, target: Target, compose: Compose
    ) -> Submission:
        """The receipt, settled or deferred. Raises Rejected where nothing was recorded, or the key is in use."""
        receipt, batch = await self.take(caller, idempotent_request, target, compose)
        if not batch:
            self._metrics.command(receipt.command, "repeated")
            return await self._read_again(receipt)
        return await self.deliver(receipt, batch)

    async def take(
        self, caller: Caller, idempotent_request: IdempotentRequest, target: Target, compose: Compose
    ) -> tuple[Receipt, list[Receipt]]:
        """Records the write. Returns its receipt and, for a new write, every receipt of its entity to be delivered."""
        with tracing.span("receipt", "internal", tracing.current()):
            try:
                return await self._record(caller, idempotent_request, target, compose)
            except _KeyTakenMeanwhile:
                return await self._record(caller, idempotent_request, target, compose)

    async def settle_here(
        self,
        caller: Caller,
        idempotent_request: IdempotentRequest,
        store: str,
        command: str,
        work: Callable[[AsyncConnection], Awaitable[dict[str, Any]]],
    ) -> tuple[dict[str, Any], bool]:
        """Does a write without a workflow once, with its receipt. Returns the outcome, and whether the write is new."""
        target = Target(INSTALLATION, subject(command, store), store, new=True)

        async def compose(tx: AsyncConnection, _: TargetState) -> AdministrativeWrite:
            return AdministrativeWrite(command, await work(tx))

        receipt, batch = await self.take(caller, idempotent_request, target, compose)
        self._metrics.command(command, "applied" if batch else "repeated")
        return receipt.body, bool(batch)

    async def _record(
        self, caller: Caller, idempotent_request: IdempotentRequest, target: Target, compose: Compose
    ) -> tuple[Receipt, list[Receipt]]:
        context = idempotent_request.context
        async with self._resources.sessions.of(*caller.stores) as tx:
            target_state = await read_target(
                tx,
                stores=caller.stores,
                principal=caller.principal,
                key=idempotent_request.key,
                entity=target.entity,
                store=target.store,
                clocked=target.kind != INSTALLATION,
            )
            if target_state.receipt is not None:
                return target_state.receipt if target.hint else _same_as_before(
                    target_state.receipt, idempotent_request
                ), []
            store = target_state.store
            if store is None or (target_state.kind is not None and target_state.kind != target.kind):
                raise TargetUnknown(target.kind)
            context.store = store
            if target.kind != INSTALLATION:
                context.entity, context.role = target.entity, caller.role
                context.caller = context.caller or caller.principal
            at = self._stamp(store, target_state, target)
            command = await compose(tx, target_state)
            if not target.new:
                await receipts.lock_inbox(tx, target.entity)
            receipt = await receipts.record(
                tx, _request(caller, idempotent_request, target, store, command), at, context.spent
            )
            if receipt is None:
                raise _KeyTakenMeanwhile
            batch = [receipt] if target.new else await receipts.pending(tx, store, target.entity)
            if target.kind == INSTALLATION:
                await receipts.settle(tx, receipt.id, {})
            if context.spent > COMMIT_WITHIN_SECONDS:
                self._metrics.command(command.name, "too_late")
                raise TooLate
        return receipt, batch

    def _stamp(self, store: str, target_state: TargetState, target: Target) -> datetime | None:
        """The frozen instant of a sandbox store. None in a live store, where the database stamps the receipt."""
        if self._resources.is_live(store) or target.kind == INSTALLATION:
            return None
        clock = target_state.clock
        if clock is None:
            raise LookupError(f"the sandbox store {store} has no clock")
        if clock.advance_to is not None and not target.hint:
            raise ClockAdvances(store, clock.now, clock.advance_to, clock.delivered)
        return clock.now

    async def deliver(self, receipt: Receipt, batch: Sequence[Receipt]) -> Submission:
        """Dispatches pending receipts to the workflow and returns the submission of `receipt`."""
        submission = await self._deliver(receipt, batch)
        outcome = "deferred" if submission.receipt.deferred else submission.receipt.state
        self._metrics.command(receipt.command, outcome)
        return submission

    async def _deliver(self, receipt: Receipt, batch: Sequence[Receipt]) -> Submission:
        live = self._resources.is_live(receipt.store)
        try:
            await self._resources.dispatcher.dispatch(batch, live=live, timeout=DELIVERY_SECONDS)
        except EngineUnreachable:
            return await self._read_again(receipt)
        except EntityClosed:
            return await self._refuse(receipt, batch)
        except Exception as fault:
            # The receipt is recorded, so the write is acknowledged. The relay delivers it whatever failed here.
            log.exception("delivery_failed", request=receipt.id, fault=type(fault).__name__)
            return await self._read_again(receipt)
        return await self._read_again(receipt, confirmed=batch)

    async def _read_again(self, receipt: Receipt, confirmed: Sequence[Receipt] = ()) -> Submission:
        """The receipt as it stands now. A receipt that is still pending is marked as answered 202.

        The relay delivers again what is not `confirmed`, even if PostgreSQL shows the receipt settled: Temporal may have stopped before
        it stored that result. A command that concerns other entities waits for their answers, at most ANSWERED_WITHIN_SECONDS.
        """
        submission = await self._look(receipt, confirmed, defer=not confirmed)
        until = time.monotonic() + ANSWERED_WITHIN_SECONDS
        while confirmed and submission.receipt.state == "pending":
            waits = time.monotonic() < until
            await asyncio.sleep(ANSWER_POLL_SECONDS)
            submission = await self._look(receipt, (), defer=not waits)
            if not waits:
                break
        return submission

    async def _look(self, receipt: Receipt, confirmed: Sequence[Receipt], *, defer: bool) -> Submission:
        async with self._resources.sessions.of(receipt.store) as tx:
            found = (
                (await receipts.confirm(tx, confirmed)).get(receipt.id)
                if confirmed
                else await receipts.find(tx, receipt.id)
            )
            if defer and found is not None and found.state == "pending":
                await receipts.defer(tx, receipt.id)
                found = await receipts.find(tx, receipt.id)
            if found is None:
                raise LookupError(f"the receipt {receipt.id} is gone")
            wanted = people_in([found.view]) if found.view and found.state == "applied" else []
            people = await self._resources.parties.read(tx, *wanted) if wanted else {}
        return Submission(found, people)

    async def _refuse(self, receipt: Receipt, batch: Sequence[Receipt]) -> Submission:
        """Refuses the receipts of an entity that has ended, with the refusal for the way it ended."""
        async with self._resources.sessions.of(receipt.store) as tx:
            await refuse_after_end(tx, receipt.entity, batch)
        return await self._read_again(receipt)


def subject(command: str, store: str) -> str:
    """The subject of the receipts of an administrative command in a store."""
    return f"{command}:{store}"


def _request(
    caller: Caller,
    idempotent_request: IdempotentRequest,
    target: Target,
    store: str,
    command: Command | AdministrativeWrite,
) -> NewReceipt:
    return NewReceipt(
        id=new_id("receipt"),
        store=store,
        kind=target.kind,
        entity=target.entity,
        command=command.name,
        body=command.as_body(),
        actor=caller.actor,
        role=caller.role,
        principal=caller.principal,
        idempotency_key=idempotent_request.key,
        fingerprint=idempotent_request.fingerprint,
    )


def _same_as_before(receipt: Receipt, idempotent_request: IdempotentRequest) -> Receipt:
    """The receipt that the key made before. Raises KeyReused for another body, StillInProgress while the first call is open."""
    idempotent_request.context.store = receipt.store
    if receipt.fingerprint != idempotent_request.fingerprint:
        raise KeyReused
    if receipt.state == "pending" and not receipt.deferred:
        raise StillInProgress
    return receipt
