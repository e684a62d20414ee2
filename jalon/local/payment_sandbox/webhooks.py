"""Delivers events: signed, retried with growing pauses, duplicated or reordered on request."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import logging
import sqlite3
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpx

from jalon.local.payment_sandbox.events import event_body
from jalon.local.payment_sandbox.faults import Faults
from jalon.local.payment_sandbox.ledger import Ledger
from jalon.local.payment_sandbox.listing import metadata_filter

_log = logging.getLogger(__name__)
_TIMEOUT_SECONDS = 5.0
_AT_ONCE = 8
_BATCH = 100
_ATTEMPTS = 20
_LONGEST_PAUSE_SECONDS = 60.0
_SHUFFLE_SECONDS = 2.0
_BROWSER_WAITS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Address:
    """The target of events. `duplicates` is the number of extra copies of each; `reorder` sends later events first."""

    url: str
    secret: str
    duplicates: int = 0
    reorder: bool = False


class Webhooks:
    """Delivers the events in the ledger, in one task that is woken after each change."""

    def __init__(self, ledger: Ledger, faults: Faults) -> None:
        self._ledger = ledger
        self._faults = faults
        self._woken = asyncio.Event()
        self._sent = asyncio.Condition()

    def wake(self) -> None:
        """Wakes the delivery after a change."""
        self._woken.set()

    def address(self) -> Address | None:
        found = self._ledger.read(lambda tx: tx.execute("select * from webhook_address").fetchone())
        if found is None:
            return None
        return Address(found["url"], found["secret"], found["duplicates"], bool(found["reorder"]))

    async def send_to(self, address: Address | None) -> None:
        """Sends the events to `address` from now on. With None, nothing is sent and pending events are dropped."""

        def work(tx: sqlite3.Connection) -> None:
            tx.execute("delete from webhook_address")
            if address is None:
                tx.execute("update event set state = 'unaddressed' where state = 'waiting'")
                return
            tx.execute(
                "insert into webhook_address (only, url, secret, duplicates, reorder) values (1, ?, ?, ?, ?)",
                (address.url, address.secret, address.duplicates, address.reorder),
            )

        await self._ledger.write(work)
        self.wake()

    def outstanding(self, metadata: Mapping[str, str]) -> int:
        """The number of events with this `metadata` that are neither delivered nor given up."""
        where, values = metadata_filter(metadata)
        query = " and ".join(["state = 'waiting'", *where])
        found = self._ledger.read(
            lambda tx: tx.execute(f"select count(*) from event where {query}", values).fetchone()
        )
        return int(found[0])

    async def tried(self, reference: str) -> None:
        """Waits, for two seconds at most, until every event of an object was sent once, so that the shop hears before the browser comes."""
        query = "select exists (select 1 from event where object = ? and state = 'waiting' and attempts = 0)"

        def is_untried() -> bool:
            return bool(self._ledger.read(lambda tx: tx.execute(query, (reference,)).fetchone()[0]))

        with suppress(TimeoutError):
            async with asyncio.timeout(_BROWSER_WAITS_SECONDS), self._sent:
                await self._sent.wait_for(lambda: not is_untried())

    async def deliver_always(self) -> None:
        """Delivers until cancelled."""
        while self.address() is None:
            await self._woken.wait()
            self._woken.clear()
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            while True:
                self._woken.clear()
                address = self.address()
                due = self._due() if address else []
                if address is None or not due:
                    await self._wait_for_more()
                    continue
                lost = [event for event in due if self._faults.takes_report(json.loads(event["metadata"]))]
                await self._give_up(lost)
                await self._deliver(client, address, [event for event in due if event not in lost])
                async with self._sent:
                    self._sent.notify_all()

    async def _deliver(self, client: httpx.AsyncClient, address: Address, due: list[sqlite3.Row]) -> None:
        if address.reorder:
            await asyncio.sleep(_SHUFFLE_SECONDS)
            for event in reversed(self._due()):
                await self._settle([(event, await _send(client, address, event))])
            return
        gate = asyncio.Semaphore(_AT_ONCE)

        async def gated(event: sqlite3.Row) -> tuple[sqlite3.Row, bool]:
            async with gate:
                return event, await _send(client, address, event)

        await self._settle(await asyncio.gather(*(gated(event) for event in due)))

    async def _give_up(self, lost: list[sqlite3.Row]) -> None:
        def work(tx: sqlite3.Connection) -> None:
            tx.executemany(
                "update event set state = 'given_up' where id = ?", [(event["id"],) for event in lost]
            )

        if lost:
            await self._ledger.write(work)

    async def _settle(self, sent: list[tuple[sqlite3.Row, bool]]) -> None:
        def work(tx: sqlite3.Connection) -> None:
            for event, accepted in sent:
                attempts = event["attempts"] + 1
                state = "delivered" if accepted else "given_up" if attempts >= _ATTEMPTS else "waiting"
                pause = min(_LONGEST_PAUSE_SECONDS, 0.25 * 2**attempts)
                tx.execute(
                    "update event set state = ?, attempts = ?, due_real_time = ? where id = ?",
                    (state, attempts, time.time() + pause, event["id"]),
                )

        await self._ledger.write(work)

    async def _wait_for_more(self) -> None:
        next_due = self._ledger.read(
            lambda tx: tx.execute("select min(due_real_time) from event where state = 'waiting'").fetchone()[
                0
            ]
        )
        pause = None if next_due is None else max(0.0, next_due - time.time())
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            return

    def _due(self) -> list[sqlite3.Row]:
        query = (
            "select * from event where state = 'waiting' and due_real_time <= ?"
            " order by due_real_time, seq limit ?"
        )
        return self._ledger.read(lambda tx: tx.execute(query, (time.time(), _BATCH)).fetchall())


async def _send(client: httpx.AsyncClient, address: Address, event: sqlite3.Row) -> bool:
    body = json.dumps(event_body(event)).encode()
    accepted = True
    for _ in range(1 + address.duplicates):
        try:
            response = await client.post(
                address.url, content=body, headers=_signed(body, event["id"], address.secret)
            )
            accepted = accepted and response.is_success
        except httpx.HTTPError as error:
            _log.info("webhook %s was not accepted: %s", event["id"], type(error).__name__)
            return False
    return accepted


def _signed(body: bytes, event_id: str, secret: str) -> dict[str, str]:
    stamp = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{event_id}.{stamp}.".encode() + body, "sha256")).decode()
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }
