"""The world of one life: the installation's processes over their models, records for the judge, and people's requests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from jalon.inbox.dispatch import workflow_id
from jalon.integrations.payments.port import ProviderEvent
from jalon.persistence.inbox.receipts import Receipt
from jalon.policy.model.store_policy import StorePolicy
from jalon.rehearsal.sim import sdk
from jalon.rehearsal.sim.chance import Chance
from jalon.rehearsal.sim.conditions import Reach
from jalon.rehearsal.sim.engine import Engine
from jalon.rehearsal.sim.inbox import Asked, ClockAdvancing, Inbox, Lost
from jalon.rehearsal.sim.kernel import DAY, SECOND, Kernel, Process, Sleep, instant
from jalon.rehearsal.sim.modelled.database import Database, EntityRow, Sessions
from jalon.rehearsal.sim.modelled.gateway import Gateway
from jalon.rehearsal.sim.modelled.mail_server import MailServer
from jalon.rehearsal.sim.policies import stores
from jalon.rehearsal.sim.runs import Run, Task
from jalon.rehearsal.sim.store_clock import StoreClock
from jalon.rehearsal.sim.trouble import Misfortune
from jalon.rehearsal.sim.webhooks import Webhooks
from jalon.rehearsal.sim.wiring import BLANK, Paper, performers
from workflows.lifecycles import LIFECYCLES

WORKFLOWS = {sdk.workflow_type(row.workflow): row.workflow for row in LIFECYCLES.values()}
LIVE = 0.5
"""The probability that the store of a life is live, and not a sandbox with a test clock."""
MOST_REQUESTS = 400
"""The number of unanswered requests with one key after which a caller gives up."""
LONGEST_PAUSE = 3600 * SECOND


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that was broken."""

    rule: str
    text: str


@dataclass
class Marks:
    """The interesting states that a life reached, counted."""

    counts: dict[str, int] = field(default_factory=dict)

    def __call__(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


class World:
    """The installation with one store."""

    def __init__(self, chance: Chance, paper: Paper = BLANK) -> None:
        self.chance, self.marks, self.found = chance, Marks(), list[Found]()
        self.paper = paper
        name = chance.pick("store", sorted(stores()))
        self.versions = stores()[name]
        self.version = chance.pick("first version", ["as written", "as written", "dearer", "other windows"])
        self.first_version = self.version
        self.policies: dict[str, StorePolicy] = {name: self.versions[self.version]}
        self.policy_log: list[tuple[int, str]] = []
        self.store, self.live = name, chance.falls("live", LIVE)
        day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chance.between("first day", 0, 700))
        start = day + timedelta(microseconds=chance.between("first instant", 0, DAY - 1))
        self.kernel = Kernel(start)
        self._asking = 0
        self._digest = hashlib.sha256()
        self.lines: list[str] | None = None
        self.committed: list[Callable[[Run, Task], None]] = []
        self._open_processes()
        self._open_models()
        self._open_doors()

    def _open_processes(self) -> None:
        kernel = self.kernel
        self.db, self.reach = Database(lambda: kernel.instant), Reach(kernel)
        self.db.settled.append(self._settled)
        misfortune = self.misfortune = Misfortune(
            kernel, self.chance, self.db, self.reach, self._forget_keys, self.marks, self.trace
        )
        self.worker = Process(kernel, "worker", misfortune.fated)
        self.api = Process(kernel, "api", misfortune.fated)
        self.relay = Process(kernel, "relay", misfortune.fated)
        self.outside = Process(kernel, "outside", lambda _process: False)
        self.worker.on_start.append(misfortune.new_worker)
        self.api.on_death.append(misfortune.doors_shut)
        self.api.on_start.append(misfortune.doors_open)

    def _open_models(self) -> None:
        kernel, misfortune = self.kernel, self.misfortune
        self.sessions = Sessions(self.db, misfortune.before_database, misfortune.after_database)
        self.gateway = Gateway(
            misfortune.gateway_trouble,
            lambda: not misfortune.is_away("gateway"),
            misfortune.outside_pause,
            self._announced,
            lambda: (kernel.now, self.now_us),
        )
        self.mail_server = MailServer(misfortune.mail_fate, misfortune.outside_pause)
        providers = {"sandbox": self.gateway}
        carried_out = performers(
            self.db, self.sessions, self.policies, providers, self.mail_server, misfortune, self.paper
        )
        self.engine = Engine(
            kernel,
            self.worker,
            WORKFLOWS,
            carried_out,
            self.reach,
            misfortune,
            self.violated,
            self._committed,
        )

    def _open_doors(self) -> None:
        kernel, chance = self.kernel, self.chance
        self.inbox = Inbox(
            kernel,
            chance,
            self.engine,
            self.db,
            self.sessions,
            self.api,
            self.relay,
            self.store,
            self.live,
            lambda: (None, False) if self.live else (self.now, self.clock.advancing),
        )
        self.webhooks = Webhooks(self.outside, self.db, self.inbox, self.misfortune.webhook_pauses)
        self.clock = StoreClock(
            kernel,
            chance,
            self.db,
            self.inbox.tick,
            lambda: self._asking,
            lambda: self.webhooks.under_way,
            self.marks,
            self.violated,
        )

    def _announced(self, event: ProviderEvent) -> None:
        self.webhooks.announced(event)

    def _forget_keys(self) -> None:
        self.gateway.forget_keys_before(self.kernel.now - DAY, self.now_us - DAY)

    # -- the store's file --------------------------------------------------------------------------------------------------

    @property
    def policy(self) -> StorePolicy:
        """The store's policy in force."""
        return self.policies[self.store]

    def edit_policy(self, version: str) -> None:
        """Puts another version of the store's file in force."""
        self.version = version
        self.policies[self.store] = self.versions[version]
        self.policy_log.append((self.now_us, version))

    def versions_between(self, since_us: int, until_us: int | None) -> set[str]:
        """The versions of the store's file in force at some instant from `since_us` to `until_us` of the store's time."""
        in_force, found = self.first_version, set[str]()
        for at_us, version in self.policy_log:
            if at_us <= since_us:
                in_force = version
            elif until_us is None or at_us <= until_us:
                found.add(version)
        return found | {in_force}

    # -- what is noted -----------------------------------------------------------------------------------------------------

    def violated(self, rule: str, text: str) -> None:
        """Records that a rule was broken, each violation once."""
        found = Found(rule, text)
        if found not in self.found:
            self.found.append(found)
            self.trace(f"VIOLATED {rule}: {text}")

    def trace(self, line: str) -> None:
        """Adds one line to the life's trace, which is the same for the same seed."""
        at = "" if self.live else f"[{self.now.isoformat()[:19]}] "
        stamped = f"{self.kernel.instant.isoformat()[:23]} {at}{line}"
        self._digest.update(stamped.encode())
        if self.lines is not None:
            self.lines.append(stamped)

    def _committed(self, run: Run, task: Task) -> None:
        self._digest.update(b"".join(step.written for step in task.steps))
        for call in self.committed:
            call(run, task)
        if self.lines is not None:
            jobs = [sdk.job_name(job) for job in task.opened]
            commands = [type(command).__name__ for command in task.commands]
            self.trace(f"task {run.workflow_id} {run.run_id}#{len(run.tasks)} {jobs} -> {commands}")

    def _settled(self, receipt: Receipt, applied: bool, outcome: dict[str, Any]) -> None:
        said = "applied" if applied else outcome["violations"][0]["code"]
        self.trace(f"SETTLED {receipt.id} {receipt.command} of {receipt.entity}: {said}")

    @property
    def digest(self) -> str:
        """The hash of the whole trace."""
        return self._digest.hexdigest()

    def workflow_of(self, row: EntityRow) -> str:
        """The id of an entity's workflow."""
        return workflow_id(row.kind, self.store, row.id)

    # -- the store's time --------------------------------------------------------------------------------------------------

    @property
    def now_us(self) -> int:
        """The store's time: real, or its test clock's."""
        return self.kernel.now if self.live else self.clock.now_us

    @property
    def now(self) -> datetime:
        """The store's time as an instant."""
        return instant(self.now_us)

    def plan(self, when_us: int, call: Callable[[], None]) -> None:
        """Calls at the store's time `when_us`, or now where that is past."""
        if self.live:
            self.kernel.at(when_us, call)
        else:
            self.clock.plan(when_us, call)

    def begin(self) -> None:
        """Starts a sandbox store's clock."""
        if not self.live:
            self.outside.spawn(self.clock.walk())

    def calm(self) -> None:
        """Ends the faults: everything is reachable from here on."""
        self.misfortune.end()
        for process in (self.worker, self.api, self.relay):
            process.start()

    # -- what people ask ---------------------------------------------------------------------------------------------------

    def ask(self, asked: Asked) -> None:
        """Sends a request, again with the same key until it is answered."""
        self._asking += 1
        self.outside.spawn(self._asked(asked))

    async def _asked(self, asked: Asked) -> None:
        await self._until_answered(asked)
        self._asking -= 1

    async def _until_answered(self, asked: Asked) -> None:
        pause = SECOND // 5
        for _ in range(MOST_REQUESTS):
            try:
                receipt = await self.inbox.ask(asked)
            except (Lost, ClockAdvancing):
                await Sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if self.chance.strikes("doubled"):
                await Sleep(self.chance.between("again after", 1, 30) * SECOND)
                with suppress(Lost, ClockAdvancing):
                    self._same_answer(asked, receipt, await self.inbox.ask(asked))
            return

    def _same_answer(self, asked: Asked, first: Receipt | None, again: Receipt | None) -> None:
        if first is None or again is None or first.state == "pending":
            return
        if (first.state, first.outcome) != (again.state, again.outcome):
            self.violated(
                "answer", f"{asked.command} {asked.key}: answered {first.outcome} and then {again.outcome}"
            )
