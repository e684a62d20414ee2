"""Checks a life while it runs: answers, epochs, projections, captures and e-mails, at the moment they happen."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from activities.contracts.records import RECORD
from jalon.domain import events
from jalon.domain.transition import Transition
from jalon.local.payment_sandbox.cards import Challenge, card_of
from jalon.persistence.entities.transitions import digest_of
from jalon.persistence.inbox.receipts import Receipt
from jalon.rehearsal.sim import sdk
from jalon.rehearsal.sim.judge import money, notices, orders, rest, screened, stamps, subscriptions
from jalon.rehearsal.sim.judge.agreement import COMPARED, COMPARED_AT_END, TRANSITIONS
from jalon.rehearsal.sim.judge.facts import Facts
from jalon.rehearsal.sim.judge.offers import Offers
from jalon.rehearsal.sim.modelled.database import EntityRow
from jalon.rehearsal.sim.modelled.gateway import Charge
from jalon.rehearsal.sim.modelled.mail_server import Letter
from jalon.rehearsal.sim.runs import Run, Task
from jalon.rehearsal.sim.world import World
from workflows.engine.options import DATABASE_QUEUE_SUFFIX

OPERATORS_WORDS = frozenset(
    kind.name for kind in (events.StepParked, events.StepRetry, events.StepSkip, events.StepCompensate)
)
"""Parking and resolutions, which need not be repeated after a reset."""


def asks_its_customer(method: str) -> bool:
    """Whether the result of a payment by this method was unknown when the payment was requested."""
    return card_of(method).challenge is not Challenge.NEVER


TIMERS_AT_MOST = 1000
"""The number of timers from which a run counts as never resting."""


def _order_of(entity: str) -> str:
    """The order of a subscription, from whose id the subscription's is made; an order's own id."""
    return f"ord_{entity.removeprefix('sub_')[:-2]}" if entity.startswith("sub_") else entity


class Watch:
    """The checks of one life."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._digests: dict[tuple[str, int, int], bytes] = {}
        self._epoch: dict[str, int] = {}
        self._unsaid: set[str] = set()
        self._reset_and_silent: set[str] = set()
        self._resets: dict[str, int] = {}
        self._telling: set[str] = set()
        self._told: dict[str, datetime] = {}
        self._letters: dict[str, int] = {}
        self._timers: dict[str, int] = {}
        self._moved: dict[str, int] = {}
        Offers(world)
        world.db.settled.append(self._settled)
        world.db.recorded.append(self._recorded)
        world.db.changed.append(self._changed)
        world.gateway.captured.append(self._captured)
        world.mail_server.arrived.append(self._arrived)
        world.committed.append(self._committed)
        world.engine.given_back.append(lambda run: self._unsaid.add(run.workflow_id.rpartition("/")[2]))

    def judge(self) -> None:
        """Judges what can be judged only at the end of a life."""
        for row in self._world.db.entities.values():
            facts = Facts(self._world, row)
            rest.judge(facts)
            money.judge(facts)
            stamps.judge(facts)
            if row.kind == "order":
                orders.judge(facts)
            else:
                subscriptions.judge(facts)
                notices.judge(facts)
        self._compare_all()
        rest.judge_runs(self._world, self._reset_and_silent)

    # -- answers -----------------------------------------------------------------------------------------------------------

    def _settled(self, receipt: Receipt, applied: bool, outcome: dict[str, Any]) -> None:
        if receipt.state == "pending":
            self._world.marks(f"said: {receipt.command}")
            if not applied:
                for violation in outcome["violations"]:
                    self._world.marks(f"refused: {violation['code']}")
            return
        if (receipt.state == "applied") != applied:
            said = "applied" if applied else outcome["violations"][0]["code"]
            self._decided_otherwise(receipt, said)

    def _decided_otherwise(self, receipt: Receipt, said: str) -> None:
        # An operator's command holds for one parked step; after a reset the step may not park at all.
        if receipt.command in ("park", "resolve") or self._undone(receipt.entity):
            return
        # Whether a payment is under way, or a line is active in the order's state, depends on exact timing (known faults 1 and
        # 15).
        rule = "known 15" if receipt.command == "cancel" else "answer"
        self._world.violated(
            rule, f"{receipt.command} of {receipt.entity} was answered {receipt.state}, then decided {said}"
        )

    def _undone(self, entity: str) -> bool:
        """Whether outside effects have changed since, so that a reset takes another course.

        Something was given back, a customer has answered their bank, or an operator's command took effect.
        """
        if any(
            row.entity == entity and row.entry.event in OPERATORS_WORDS for row in self._world.db.timeline
        ):
            return True
        gateway, mine = self._world.gateway, (entity, _order_of(entity))
        mandates = [each for each in gateway.mandates.values() if each.metadata["entity"] in mine]
        charges = [each for each in gateway.charges.values() if each.metadata["entity"] in mine]
        given_back = any(each.released_at is not None for each in mandates) or any(
            each.refunded is not None for each in charges
        )
        methods = [each.method for each in mandates] + [each.method for each in charges]
        return given_back or any(asks_its_customer(method) for method in methods)

    # -- epochs and projections --------------------------------------------------------------------------------------------

    def _recorded(self, transition: Transition, epoch: int) -> None:
        key, digest = (transition.entity, epoch, transition.seq), digest_of(transition)
        if self._digests.setdefault(key, digest) != digest:
            self._world.violated(
                "epoch", f"{transition.entity} #{transition.seq} was recorded otherwise in the same epoch"
            )
        if epoch < self._epoch.get(transition.entity, 0):
            self._world.violated("epoch", f"{transition.entity} went back to epoch {epoch}")
        self._epoch[transition.entity] = epoch
        self._world.marks(TRANSITIONS)
        self._moved[transition.entity] = self._moved.get(transition.entity, 0) + 1
        if epoch > 0:
            self._world.marks("epoch: a reset took another course")
        self._unsaid.discard(transition.entity)
        self._reset_and_silent.discard(transition.entity)

    def _committed(self, run: Run, task: Task) -> None:
        self._count_timers(run, task)
        entity = run.workflow_id.rpartition("/")[2]
        resets = self._world.engine.resets.get(run.workflow_id, 0)
        if resets != self._resets.get(entity, 0):
            self._resets[entity] = resets
            # A reset run records nothing until something changes again.
            if not _records(task):
                self._unsaid.add(entity)
                self._reset_and_silent.add(entity)
        self._met(run, task, entity)
        self._has_answered(run)
        # A database step that continues as a normal activity has not updated the row yet.
        # Nor has a run that continues another, has requested its terms and has recorded nothing of its own so far.
        if run.run_id not in self._telling:
            if run is not self._world.engine.chains[run.workflow_id][0] and not _records(task):
                return
            self._telling.add(run.run_id)
        row = self._world.db.entities.get(entity)
        if row is None or _is_writing(run) or entity in self._unsaid or run.closed == "continued":
            return
        self._compare(row, run)
        for _ in range(self._moved.pop(entity, 0)):
            self._world.marks(COMPARED)

    def _has_answered(self, run: Run) -> None:
        """Checks that a run that ends has answered every update that it accepted."""
        if run.closed is None:
            return
        commands = [command for task in run.tasks for command in task.commands]
        answered = {command.update_id for command in commands if isinstance(command, sdk.Answered)}
        accepted = {command.update_id for command in commands if isinstance(command, sdk.Accepted)}
        for update in sorted(accepted - answered):
            self._world.violated("answer", f"{run.workflow_id} ended, and {update} was never answered")

    def _met(self, run: Run, task: Task, entity: str) -> None:
        """Checks that an entity that reports rest has processed all entries due by the test clock, as far as it received the clock."""
        ticks = [sdk.value(each.argument, datetime) for each in task.updates if each.name == "tick"]
        if ticks or entity in self._told:
            self._told[entity] = told = max([*ticks, *filter(None, [self._told.get(entity)])])
            row = self._world.db.entities.get(entity)
            speaks = not (_is_writing(run) or entity in self._unsaid or run.closed)
            if row is None or row.busy or row.next_due_at is None or not speaks:
                return
            if row.next_due_at <= told:
                self._world.violated(
                    "clock", f"{entity} rests; it was told of {told}, and {row.next_due_at} is still to come"
                )

    def _count_timers(self, run: Run, task: Task) -> None:
        """Checks the number of timers: a run that wakes itself for nothing again and again reaches the server's limit of events."""
        timers = sum(isinstance(command, sdk.StartTimer) for command in task.commands)
        self._timers[run.run_id] = self._timers.get(run.run_id, 0) + timers
        if timers and self._timers[run.run_id] == TIMERS_AT_MOST:
            self._world.violated("timers", f"{run.workflow_id} set {TIMERS_AT_MOST} timers in one run")

    def _compare(self, row: EntityRow, run: Run) -> None:
        own = json.loads(run.view().data)
        if own != row.view:
            names = sorted(name for name in own if own[name] != row.view.get(name))
            self._world.violated(
                "projection", f"{row.id} is {row.status}; its row differs from its own view in {names}"
            )

    def _compare_all(self) -> None:
        """Compares each entity's row with the view of its last run, once everything has come to rest."""
        for row in self._world.db.entities.values():
            run = self._world.engine.chains[f"{row.kind}/{row.store}/{row.id}"][-1]
            if run.closed != "terminated" and row.id not in self._unsaid:
                self._compare(row, run)
                self._world.marks(COMPARED_AT_END)

    def _changed(self, row: EntityRow) -> None:
        self._world.marks(f"status: {row.kind} {row.view['standing']}")
        if row.kind == "subscription":
            rest.seats(self._world, row)
            screened.users(self._world, row)

    # -- money and mail ----------------------------------------------------------------------------------------------------

    def _captured(self, charge: Charge) -> None:
        occurrence = ("store", "entity", "purpose", "cycle")
        about = tuple(charge.metadata.get(name) for name in occurrence)
        others = [
            other
            for other in self._world.gateway.charges.values()
            if other is not charge
            and other.kept.amount
            and tuple(other.metadata.get(name) for name in occurrence) == about
        ]
        # An operator who says that a confirmation was withdrawn by hand answers for it.
        row = self._world.db.entities[str(about[1])]
        if others and "withdraw" not in Facts(self._world, row).by_hand:
            self._world.violated(
                "charged twice", f"{about[1]} cycle {about[3]}: {charge.amount} beside {others[0].kept}"
            )

    def _arrived(self, letter: Letter) -> None:
        row = next(
            (row for row in self._world.db.mails.values() if row.message_id == letter.message_id), None
        )
        if row is not None and row.state == "accepted":
            self._world.violated(
                "mailed twice", f"{row.entity} {row.template}: sent again after its acceptance was recorded"
            )
        self._letters[letter.message_id] = self._letters.get(letter.message_id, 0) + 1
        if self._letters[letter.message_id] > 1:
            self._world.marks("mail: one Message-ID arrived again")


def _is_writing(run: Run) -> bool:
    """Whether a database step continues as a normal activity, or has a result that its run has not processed yet."""
    answered = any(sdk.job_name(job) == "resolve_activity" for job in run.waiting)
    return answered or any(
        each.schedule.queue.endswith(DATABASE_QUEUE_SUFFIX) for each in run.activities.values()
    )


def _records(task: Task) -> bool:
    return any(
        isinstance(command, sdk.Schedule) and command.activity == RECORD.name for command in task.commands
    )
