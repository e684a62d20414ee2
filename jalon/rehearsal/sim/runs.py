"""A run of a workflow in the modelled engine: its tasks, the jobs for the next one, and its replay by a worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from temporalio.api.common.v1 import Payload

from jalon.rehearsal.sim import sdk
from jalon.rehearsal.sim.kernel import Promise
from jalon.rehearsal.sim.sdk import Activation, Instance, Job


class UpdateLost(Exception):
    """The run ended, or was reset, before the update had its result."""


class WorkflowClosed(Exception):
    """No run is open to receive an update."""


@dataclass(slots=True)
class Update:
    """An update under way. `accepted` and `answered` are settled by a completed task; `again`: a reset delivered it again."""

    id: str
    name: str
    argument: Payload
    again: bool = False
    accepted: Promise[None] = field(default_factory=Promise)
    answered: Promise[Payload] = field(default_factory=Promise)

    def break_(self, fault: Exception) -> None:
        """Settles an update that has no result with this fault."""
        self.accepted.break_(fault)
        self.answered.break_(fault)


@dataclass(frozen=True, slots=True)
class Step:
    """One activation of a completed task, and the exact bytes of its completion."""

    activation: Activation
    written: bytes


@dataclass(frozen=True, slots=True)
class Task:
    """A completed workflow task. `opened` are the jobs it began with, `flags` the SDK flags in force from it on."""

    steps: tuple[Step, ...]
    opened: tuple[Job, ...]
    updates: tuple[Update, ...]
    commands: tuple[sdk.Command, ...]
    finished_us: int


@dataclass(slots=True)
class Activity:
    """An activity that is retried. `number` counts its attempts; `running` is the one under way."""

    schedule: sdk.Schedule
    number: int = 0
    running: bool = False
    cancel_requested: bool = False


class NotReproduced(Exception):
    """A replay gave other commands than the history holds."""


@dataclass(slots=True)
class Run:
    """One run. `waiting` are jobs for the next task in the order of their events, `admitted` the updates for it."""

    workflow: type
    name: str
    workflow_id: str
    run_id: str
    queue: str
    argument: Payload
    started_us: int
    tasks: list[Task] = field(default_factory=list)
    events: int = 1
    waiting: list[Job] = field(default_factory=list)
    admitted: list[Update] = field(default_factory=list)
    updates: dict[str, Update] = field(default_factory=dict)
    activities: dict[int, Activity] = field(default_factory=dict)
    timers: dict[int, int] = field(default_factory=dict)
    flags: frozenset[int] = frozenset()
    instance: Instance | None = None
    at_work: bool = False
    closed: str | None = None
    failures: int = 0
    long_from: int | None = None

    @property
    def wanting(self) -> bool:
        """Whether there is work for a workflow task."""
        return self.closed is None and (bool(self.waiting or self.admitted) or not self.tasks)

    def opening(self) -> tuple[list[Job], list[Update]]:
        """The jobs of the next task in Temporal's order: the start, updates, then the other jobs by event."""
        updates, self.admitted = self.admitted, []
        waiting, self.waiting = self.waiting, []
        begun = [self.beginning()] if not self.tasks else []
        reseeded = [job for job in waiting if sdk.job_name(job) == "update_random_seed"]
        others = [job for job in waiting if sdk.job_name(job) != "update_random_seed"]
        said = [sdk.update(update.id, update.name, [update.argument], first=True) for update in updates]
        return [*begun, *reseeded, *said, *others], updates

    def give_back(self, jobs: Sequence[Job], updates: Sequence[Update]) -> None:
        """Returns the jobs of a failed task to the next one."""
        kept = [job for job in jobs if sdk.job_name(job) not in ("initialize_workflow", "do_update")]
        self.waiting = [*kept, *self.waiting]
        self.admitted = [*updates, *self.admitted]

    def beginning(self) -> Job:
        """The job that every run begins with."""
        return sdk.initialize(self.name, self.workflow_id, [self.argument], self.run_id, self.started_us)

    def lose_updates(self) -> None:
        """Breaks the updates that have no result, since the run will not give one."""
        for update in self.updates.values():
            update.break_(UpdateLost(update.id))

    def terminate(self) -> None:
        """Terminates the run, if it has not ended yet."""
        if self.closed is None:
            self.closed = "terminated"
        self.evict()
        self.lose_updates()

    def evict(self) -> None:
        """Removes the run from a worker's cache."""
        if self.instance is not None:
            instance, self.instance = self.instance, None
            instance.evict()

    def make_again(self, default_flags: frozenset[int]) -> Instance:
        """A new instance of the run, replayed from its history. Raises NotReproduced when the replay differs from the history."""
        instance = Instance(
            self.workflow, self.workflow_id, self.run_id, self.queue, self.started_us, default_flags
        )
        for number, task in enumerate(self.tasks):
            for step in task.steps:
                jobs = [sdk.replayed(job) for job in step.activation.jobs]
                done = instance.activate(replace(step.activation, jobs=jobs, replaying=True))
                if done.written != step.written:
                    raise NotReproduced(
                        f"{self.workflow_id}: task {number} gives other commands when replayed"
                    )
        return instance

    def in_memory(self, default_flags: frozenset[int]) -> Instance:
        """The run's instance in a worker's cache, replayed where it is not there. Raises NotReproduced."""
        if self.instance is None:
            self.instance = self.make_again(default_flags)
        return self.instance

    def view(self) -> Payload:
        """The workflow's own view of its entity."""
        at_ns, query = self.tasks[-1].steps[-1].activation.at_ns, sdk.query("view")
        done = self.in_memory(frozenset()).activate(
            Activation(at_ns, [query], False, self.events, False, self.flags)
        )
        if done.answer is None:
            raise LookupError(f"{self.workflow_id} answers no query")
        return done.answer


async def carry_out(
    run: Run,
    jobs: list[Job],
    now_ns: Callable[[], int],
    perform_locally: Callable[[sdk.Schedule], Awaitable[Job]],
    *,
    long: bool,
    first: bool,
) -> tuple[list[Step], list[sdk.Command]]:
    """The steps of one workflow task and their commands. Raises NotReproduced and sdk.TaskFailed.

    `now_ns` is the time in nanoseconds since 1970, `long` whether continue-as-new is suggested, `first` whether the task has not been
    executed before.
    """
    instance, events = run.in_memory(frozenset()), run.events
    steps: list[Step] = []
    commands: list[sdk.Command] = []
    while jobs:
        at_ns, given = now_ns(), jobs if first else [sdk.replayed(job) for job in jobs]
        done = instance.activate(Activation(at_ns, given, not first, events, long, run.flags))
        run.flags |= done.flags
        # A replay finds the flags of a task among those that the task itself recorded.
        steps.append(Step(Activation(at_ns, jobs, True, events, long, run.flags), done.written))
        commands += done.commands
        local = [each for each in done.commands if isinstance(each, sdk.Schedule) and each.local]
        jobs = [await perform_locally(schedule) for schedule in local]
    return steps, commands


EVENTS_OF = {
    sdk.Schedule: 1,
    sdk.CancelActivity: 1,
    sdk.StartTimer: 1,
    sdk.CancelTimer: 1,
    sdk.Accepted: 1,
    sdk.Answered: 1,
    sdk.Ended: 1,
    sdk.ContinuedAsNew: 1,
}
"""The number of history events for each command of a completed task; a local activity's marker is one too."""


def events_of(commands: Sequence[sdk.Command]) -> int:
    """The number of events that a completed task adds, its own completion included."""
    return 1 + sum(EVENTS_OF[type(command)] for command in commands)
