"""A model of the inbox: a write is recorded first, then sent to its workflow by the API or, later, by the relay."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from activities.records import received_command
from jalon.domain.kinds import KINDS
from jalon.inbox.dispatch import DRAIN_RETRY_SECONDS, workflow_id
from jalon.inbox.relay import SWEEP_SECONDS
from jalon.inbox.submission import COMMIT_WITHIN_SECONDS, DELIVERY_SECONDS
from jalon.persistence.inbox.receipts import PATIENCE_SECONDS, NewReceipt, Receipt
from jalon.rehearsal.sim import sdk
from jalon.rehearsal.sim.chance import Chance
from jalon.rehearsal.sim.conditions import EngineDown
from jalon.rehearsal.sim.engine import Engine
from jalon.rehearsal.sim.kernel import SECOND, Kernel, Process, Promise, Sleep, within
from jalon.rehearsal.sim.modelled import receipts, records
from jalon.rehearsal.sim.modelled.database import Database, Sessions, Transaction
from jalon.rehearsal.sim.runs import UpdateLost, WorkflowClosed
from workflows.engine.lifecycle import EntityStart
from workflows.lifecycles import LIFECYCLES

RELAY_TIMEOUT = 10 * SECOND
LONGEST_PAUSE = 600 * SECOND


class Unreachable(Exception):
    """The engine did not answer in time. The update may still be applied."""


class Lost(Exception):
    """The API died, or could not record the request in time. The caller sends the request again with the same key."""


class ClockAdvancing(Exception):
    """A sandbox store takes no writes while its clock moves."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. The same key means the same request."""

    kind: str
    entity: str
    command: str
    body: dict[str, Any]
    actor: str
    role: str
    key: str
    hint: bool = False


class Inbox:
    """The model of the API and the relay."""

    def __init__(
        self,
        kernel: Kernel,
        chance: Chance,
        engine: Engine,
        db: Database,
        sessions: Sessions,
        api: Process,
        relay: Process,
        store: str,
        live: bool,
        clock: Callable[[], tuple[datetime | None, bool]],
    ) -> None:
        self._kernel, self._chance, self._engine = kernel, chance, engine
        self._db, self._sessions, self._api, self._relay = db, sessions, api, relay
        self._store, self._live, self._clock = store, live, clock
        self._in_hand: set[str] = set()
        self._again: dict[str, int] = {}
        relay.on_start.append(self._sweep)
        relay.on_death.append(self._in_hand.clear)
        db.receipt_recorded.append(self._recorded)

    # -- the API -----------------------------------------------------------------------------------------------------------

    def ask(self, asked: Asked) -> Promise[Receipt | None]:
        """The receipt once it is answered, None where no such entity is known. Raises Lost or ClockAdvancing."""
        answer: Promise[Receipt | None] = Promise()
        self._api.spawn(self._serve(asked, answer), lambda: answer.break_(Lost()))
        return answer

    async def _serve(self, asked: Asked, answer: Promise[Receipt | None]) -> None:
        began_us = self._kernel.now
        try:
            await Sleep(self._latency())
            receipt, batch = await self._record(asked, began_us)
            if batch:
                await self._deliver_now(receipt, batch)
                receipt = await self._read_again(receipt)
        except (Lost, ClockAdvancing, LookupError) as fault:
            if isinstance(fault, LookupError):
                answer.keep(None)
            answer.break_(fault)
        except Exception as fault:  # noqa: BLE001 (an API answers 503 to whatever its database raises)
            answer.break_(Lost(type(fault).__name__))
        else:
            answer.keep(receipt)

    def _latency(self) -> int:
        if self._chance.strikes("slow"):
            return self._chance.between("slow api", 1, int(COMMIT_WITHIN_SECONDS * SECOND * 1.2))
        return self._chance.between("api latency", 100, 3000)

    async def _record(self, asked: Asked, began_us: int) -> tuple[Receipt, list[Receipt]]:
        principal = f"key of {asked.actor}"
        async with self._sessions.of(self._store) as tx:
            known = self._db.by_key.get((self._store, principal, asked.key))
            if known is not None:
                found = self._db.receipts[known]
                if found.state == "pending" and not found.deferred:
                    raise Lost("in progress")
                return found, []
            new = asked.command == "open_cart"
            if not new and not self._is_known(asked.entity):
                raise LookupError(asked.entity)
            now, advancing = self._clock()
            if advancing and not asked.hint:
                raise ClockAdvancing
            spent = (self._kernel.now - began_us) / SECOND
            if spent > COMMIT_WITHIN_SECONDS:
                raise Lost("too late")
            receipt = await receipts.record(tx, self._request(asked, principal), now, spent)
            if receipt is None:
                raise Lost("the key was taken meanwhile")
            batch = [receipt] if new else await receipts.pending(tx, self._store, asked.entity)
        return receipt, batch

    def _is_known(self, entity: str) -> bool:
        return entity in self._db.entities or any(r.entity == entity for r in self._db.receipts.values())

    def _request(self, asked: Asked, principal: str) -> NewReceipt:
        return NewReceipt(
            id=f"req_{self._db.number('request')}",
            store=self._store,
            kind=asked.kind,
            entity=asked.entity,
            command=asked.command,
            body=asked.body,
            actor=asked.actor,
            role=asked.role,
            principal=principal,
            idempotency_key=asked.key,
            fingerprint=hashlib.sha256(repr(asked).encode()).digest(),
        )

    async def _deliver_now(self, receipt: Receipt, batch: Sequence[Receipt]) -> None:
        if self._chance.strikes("left_to_relay"):
            return
        try:
            await self._say(batch, int(DELIVERY_SECONDS * SECOND), wait=True)
        except Unreachable:
            return
        except WorkflowClosed:
            await self._refuse(receipt.entity, batch)
            return
        if self._chance.strikes("doubled"):
            return
        async with self._sessions.of(self._store) as tx:
            await receipts.confirm(tx, batch)

    async def _refuse(self, entity: str, batch: Sequence[Receipt]) -> None:
        async with self._sessions.of(self._store) as tx:
            await self._refuse_after_end(tx, entity, batch)

    async def _read_again(self, receipt: Receipt) -> Receipt:
        async with self._sessions.of(self._store) as tx:
            await receipts.defer(tx, receipt.id)
            return self._db.receipts[receipt.id]

    # -- both --------------------------------------------------------------------------------------------------------------

    async def _say(self, batch: Sequence[Receipt], timeout_us: int, *, wait: bool) -> None:
        """Dispatches receipts in their order. Raises Unreachable and WorkflowClosed."""
        until_us, first = self._kernel.now + timeout_us, batch[0]
        named = workflow_id(first.kind, self._store, first.entity)
        try:
            await Sleep(self._chance.between("engine latency", 200, 4000))
            lifecycle = LIFECYCLES[first.kind]
            if first.command == lifecycle.opening.name:
                message = None if lifecycle.waits else received_command(first)
                start = EntityStart(self._store, first.entity, self._live, first.received_at, message)
                self._engine.start(sdk.workflow_type(lifecycle.workflow), named, sdk.payload(start))
                batch = batch if lifecycle.waits else batch[1:]
            if batch:
                await self._until_processed(named, batch, until_us, wait=wait)
        except (EngineDown, TimeoutError, UpdateLost) as fault:
            raise Unreachable(type(fault).__name__) from None

    async def _until_processed(
        self, named: str, batch: Sequence[Receipt], until_us: int, *, wait: bool
    ) -> None:
        said = sdk.payload([received_command(receipt) for receipt in batch])
        for turn in range(1_000):
            update = self._engine.update(named, batch[-1].id, "deliver", said)
            left_us = until_us - self._kernel.now
            if not wait:
                await within(self._kernel, update.accepted, left_us)
                return
            if sdk.value(await within(self._kernel, update.answered, left_us), bool):
                return
            pause = DRAIN_RETRY_SECONDS[min(turn, len(DRAIN_RETRY_SECONDS) - 1)]
            if self._kernel.now + pause * SECOND > until_us:
                raise TimeoutError
            await Sleep(int(pause * SECOND))

    async def tick(self, kind: str, entity: str, at: datetime) -> bool:
        """Sends an entity the instant of its store's clock. Returns False when the entity has ended."""
        named = workflow_id(kind, self._store, entity)
        for turn in range(100_000):
            try:
                name = f"tick-{self._db.number('tick')}"
                update = self._engine.update(named, name, "tick", sdk.payload(at))
                if sdk.value(await within(self._kernel, update.answered, 20 * SECOND), bool):
                    return True
            except WorkflowClosed:
                return False
            except (EngineDown, TimeoutError, UpdateLost):
                pass
            await Sleep(min(SECOND * (1 + turn), LONGEST_PAUSE))
        return False

    async def _refuse_after_end(self, tx: Transaction, entity: str, late: Sequence[Receipt]) -> bool:
        if not await records.is_over(tx, entity):
            return False
        row = self._db.entities[entity]
        for receipt in late:
            violation = asdict(KINDS.named(row.kind).after_end(row.status, receipt.command))
            outcome = {"status": HTTPStatus.CONFLICT.value, "violations": [violation]}
            await receipts.refuse(tx, receipt.id, outcome)
        await receipts.confirm(tx, late)
        return True

    # -- the relay ---------------------------------------------------------------------------------------------------------

    def _recorded(self, receipt: Receipt) -> None:
        if receipt.role == "entity":
            lost = self._chance.strikes("notify_lost")
            after = SWEEP_SECONDS * SECOND if lost else self._chance.between("notify", 500, 20_000)
        else:
            after = (PATIENCE_SECONDS + SWEEP_SECONDS) * SECOND
        self._relay_soon(receipt.entity, int(after))

    def _relay_soon(self, entity: str, after_us: int) -> None:
        self._kernel.after(after_us, lambda: self._relay_now(entity))

    def _undelivered(self, entity: str) -> bool:
        return any(
            receipt.entity == entity and (receipt.state == "pending" or receipt.id not in self._db.delivered)
            for receipt in self._db.receipts.values()
        )

    def _sweep(self) -> None:
        self._again.clear()
        for entity in dict.fromkeys(receipt.entity for receipt in self._db.receipts.values()):
            if self._undelivered(entity):
                self._relay_soon(entity, 1)

    def _relay_now(self, entity: str) -> None:
        if not self._relay.up or entity in self._in_hand or not self._undelivered(entity):
            return
        self._in_hand.add(entity)
        self._relay.spawn(self._relayed(entity))

    async def _relayed(self, entity: str) -> None:
        with suppress(Exception):  # the relay logs the fault and tries again
            await self._relay_in_order(entity)
        self._in_hand.discard(entity)
        if not self._undelivered(entity):
            self._again.pop(entity, None)
            return
        # The product sweeps every two seconds. This model sleeps longer each time and delivers the same receipts.
        turn = self._again[entity] = self._again.get(entity, -1) + 1
        self._relay_soon(entity, int(min(SWEEP_SECONDS * SECOND * 2 ** min(turn, 9), LONGEST_PAUSE)))

    async def _relay_in_order(self, entity: str) -> None:
        async with self._sessions.of(self._store) as tx:
            waiting = await receipts.pending(tx, self._store, entity)
        if not waiting:
            return
        try:
            await self._say(waiting, RELAY_TIMEOUT, wait=False)
        except WorkflowClosed:
            async with self._sessions.of(self._store) as tx:
                if not await self._refuse_after_end(tx, entity, waiting):
                    raise
            return
        async with self._sessions.of(self._store) as tx:
            await receipts.confirm(tx, waiting)
