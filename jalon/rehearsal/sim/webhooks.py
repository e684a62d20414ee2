"""The delivery of the gateway's events to the API."""

from __future__ import annotations

from collections.abc import Callable

from jalon.integrations.payments.port import ProviderEvent
from jalon.rehearsal.sim.inbox import Asked, ClockAdvancing, Inbox, Lost
from jalon.rehearsal.sim.kernel import SECOND, Process, Sleep
from jalon.rehearsal.sim.modelled import ledgers
from jalon.rehearsal.sim.modelled.database import Database, Transaction

PROVIDER = "sandbox"
MOST_TURNS = 60


class Webhooks:
    """Delivers events to the API. `pauses` returns the delays of an event in microseconds: none, one or two deliveries."""

    def __init__(self, outside: Process, db: Database, inbox: Inbox, pauses: Callable[[], list[int]]) -> None:
        self._outside, self._db, self._inbox, self._pauses = outside, db, inbox, pauses
        self.under_way = 0

    def announced(self, event: ProviderEvent) -> None:
        """Sends the event."""
        for pause_us in self._pauses():
            self.under_way += 1
            self._outside.spawn(self._bring(event, pause_us))

    async def _bring(self, event: ProviderEvent, pause_us: int) -> None:
        await Sleep(pause_us)
        entity = event.metadata["entity"]
        kind = "subscription" if entity.startswith("sub_") else "order"
        asked = Asked(
            kind,
            entity,
            "payment_reported",
            {},
            f"provider:{PROVIDER}",
            "provider",
            event.event_id,
            hint=True,
        )
        for turn in range(MOST_TURNS):
            try:
                tx = Transaction(self._db)
                if event.key is not None and await ledgers.payment_waits(tx, event.key, PROVIDER):
                    await self._inbox.ask(asked)
                break
            except (Lost, ClockAdvancing):
                await Sleep(SECOND * (1 + turn) ** 2)
        self.under_way -= 1
