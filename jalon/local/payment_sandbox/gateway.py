"""Performs a request: its key first, then faults, then one transaction, then the answer."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jalon.local.payment_sandbox.answers import answer_with
from jalon.local.payment_sandbox.book import Refusal
from jalon.local.payment_sandbox.cards import DO_NOT_HONOR, Decline, decline_of
from jalon.local.payment_sandbox.faults import Fault, Faults, Kind, Operation
from jalon.local.payment_sandbox.keys import Answer, KeyStore
from jalon.local.payment_sandbox.ledger import Ledger
from jalon.local.payment_sandbox.webhooks import Webhooks

_GAVE_UP = Answer(504, {"error": {"code": "timeout", "message": "the gateway gave up waiting"}})
_BROKEN = Answer(500, {"error": {"code": "internal_error", "message": "something broke inside the gateway"}})

Begin: TypeAlias = Callable[[sqlite3.Connection], str]
Finish: TypeAlias = Callable[[sqlite3.Connection, str, Decline | None], sqlite3.Row]


@dataclass(frozen=True, slots=True)
class Task:
    """A request that changes something. `begin` and `finish` usually share one transaction.

    `begin` returns the id that is passed to `finish`. `finish` takes the decline that a fault forces, if any, and returns the row of the
    request's object.
    """

    operation: Operation
    kind: str
    key: str
    fingerprint: str
    metadata: Mapping[str, str]
    base_url: str
    finish: Finish
    begin: Begin


def begin_nothing(_: sqlite3.Connection) -> str:
    """The `begin` of a task that does all its work in `finish`."""
    return ""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of one running sandbox."""

    ledger: Ledger
    keys: KeyStore
    faults: Faults
    webhooks: Webhooks

    async def perform(self, task: Task) -> Answer:
        """Answers a request after its changes are committed. Faults do not affect a repeated request."""
        known = self.ledger.read(lambda tx: self.keys.stored(tx, task.key, task.fingerprint))
        if known is not None:
            return known
        fault = self.faults.take(task.operation, task.metadata)
        return await (self._commit(task) if fault is None else self._misbehave(task, fault))

    async def _misbehave(self, task: Task, fault: Fault) -> Answer:
        match fault.kind:
            case Kind.TIMEOUT_BEFORE:
                await asyncio.sleep(fault.seconds)
                return _GAVE_UP
            case Kind.LATE_COMMIT:
                return await self._commit_late(task, fault.seconds)
            case Kind.HANG_AFTER_COMMIT:
                answer = await self._commit(task)
                await asyncio.sleep(fault.seconds)
                return answer
            case Kind.STORED_500:
                return await self._break(task, fault.after_commit)
            case Kind.REFUSE_400:
                raise Refusal(fault.code or "refused_on_demand", "refused by a fault that was ordered")
            case Kind.DECLINE:
                return await self._commit(task, decline_of(fault.code) if fault.code else DO_NOT_HONOR)
            case Kind.LOSE_REPORT:
                raise LookupError("a lost report is no fault of a request")

    async def _commit(self, task: Task, forced: Decline | None = None) -> Answer:
        def work(tx: sqlite3.Connection) -> Answer:
            known = self.keys.stored(tx, task.key, task.fingerprint)
            return known or self._finish(tx, task, task.begin(tx), forced)

        answer = await self.ledger.write(work)
        self.webhooks.wake()
        return answer

    async def _commit_late(self, task: Task, seconds: float) -> Answer:
        def claim(tx: sqlite3.Connection) -> str:
            self.keys.claim(tx, task.key, task.fingerprint)
            return task.begin(tx)

        reference = await self.ledger.write(claim)
        await asyncio.sleep(seconds)
        answer = await self.ledger.write(lambda tx: self._finish(tx, task, reference, None))
        self.webhooks.wake()
        return answer

    async def _break(self, task: Task, after_commit: bool) -> Answer:
        def work(tx: sqlite3.Connection) -> Answer:
            if after_commit:
                task.finish(tx, task.begin(tx), None)
            self.keys.store(tx, task.key, task.fingerprint, _BROKEN)
            return _BROKEN

        answer = await self.ledger.write(work)
        self.webhooks.wake()
        return answer

    def _finish(self, tx: sqlite3.Connection, task: Task, reference: str, forced: Decline | None) -> Answer:
        answer = answer_with(task.operation, task.kind, task.finish(tx, reference, forced), task.base_url)
        self.keys.store(tx, task.key, task.fingerprint, answer)
        return answer
