"""The people of a night: an operator who plans and starts repairs, and a second one who approves the large ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Self, cast

from jalon.client import operations, repairs
from jalon.client.calls import Call
from jalon.client.concurrent import AsyncClient
from jalon.client.errors import ApiError
from jalon.client.repairs import Action, Repair, RepairPlan
from jalon.domain.error_codes import ErrorCode

WITHIN_SECONDS = 3600.0
LOOK_SECONDS = 2.0


class RepairMiscounted(Exception):
    """A repair came to another end than it had to."""


class Night:
    """Two operators with accepted keys of their own."""

    def __init__(self, api: str, admin: str) -> None:
        self._api, self._admin = api, admin
        self._clients: list[AsyncClient] = []

    async def __aenter__(self) -> Self:
        async with AsyncClient(self._api, self._admin) as admin:
            for person in ("Nuria Ops", "Otto Ops"):
                body = {"person": person, "role": "ops", "stores": ["*"], "reason": "a rehearsal"}
                issued = await admin.send(Call[Mapping[str, Any]]("POST", "/v1/keys", body))
                async with AsyncClient(self._api, str(issued["token"])) as first:
                    accepted = await first.send(operations.accept_key())
                self._clients.append(AsyncClient(self._api, str(accepted["token"])))
        return self

    async def __aexit__(self, *_error: object) -> None:
        for client in self._clients:
            await client.aclose()

    async def causes(self) -> list[dict[str, Any]]:
        """What is stuck, by cause."""
        found = await self._clients[0].send(operations.parked())
        return found["data"]

    async def until_stuck(self, count: int, within: float = WITHIN_SECONDS) -> dict[str, Any]:
        """The one cause, once so many steps stand for it. Raises RepairMiscounted where there are several, or not as many."""
        deadline = time.monotonic() + within
        found: list[dict[str, Any]] = []
        while time.monotonic() < deadline:
            found = await self.causes()
            if [each["count"] for each in found] == [count]:
                return found[0]
            await asyncio.sleep(LOOK_SECONDS)
        raise RepairMiscounted(f"stuck are {[(each['cause'], each['count']) for each in found]}, not {count}")

    async def repair(self, name: str, action: Action, cause: str) -> tuple[RepairPlan, Repair]:
        """Plans and starts a repair of a cause, has it approved where it takes a second person, and follows it to its end."""
        operator, second = self._clients
        planned = await operator.send(repairs.plan(name, action, "The cause is gone.", cause=cause))
        while True:
            try:
                started = await operator.send(repairs.start(planned["plan"], planned["version"]))
                break
            except ApiError as changed:
                if changed.code != ErrorCode.PLAN_CHANGED:
                    raise
                planned = await operator.send(repairs.read_plan(str(changed.problem["plan"])))
        if started["state"] == "awaiting_approval":
            await second.send(repairs.approve(started["id"], "I read the plan."))
        return planned, await self._until_over(started["id"])

    async def _until_over(self, repair: str) -> Repair:
        deadline = time.monotonic() + WITHIN_SECONDS
        while time.monotonic() < deadline:
            found = await self._clients[0].send(repairs.read(repair))
            if found["state"] == "stopped":
                raise RepairMiscounted(f"the repair stopped: {found['why']}")
            if found["state"] == "done":
                return found
            await asyncio.sleep(LOOK_SECONDS)
        raise RepairMiscounted(f"{repair} was not done within {WITHIN_SECONDS:g} s")

    async def outcomes(self, repair: str, outcome: str) -> list[str]:
        """The entities of one outcome, all of them."""
        found: list[str] = []
        after: int | None = None
        while True:
            page = await self._clients[0].send(
                repairs.items(repair, cast("repairs.Outcome", outcome), limit=100, after=after)
            )
            found += [each["entity"] for each in page["data"]]
            if page["next"] is None:
                return found
            after = int(page["next"])


def expect(what: str, found: object, wanted: object) -> None:
    """Raises RepairMiscounted where the two differ."""
    if found != wanted:
        raise RepairMiscounted(f"{what}: {str(found)[:300]}, not {str(wanted)[:300]}")
