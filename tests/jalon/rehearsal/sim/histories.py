"""A recorded history replayed twice: by the SDK's replayer, whose activations are captured, and by the simulator's own engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

from jalon.integrations.temporal.client import data_converter
from jalon.rehearsal.sim import sdk
from jalon.rehearsal.sim.runs import Run, Task, Update, carry_out, events_of
from jalon.rehearsal.sim.sdk import Schedule
from jalon.rehearsal.sim.world import WORKFLOWS
from tests.support.temporal import codec_of
from tests.workflows.record import CODEC_KEYS
from worker import workflows

CODEC = codec_of(CODEC_KEYS)


@dataclass(frozen=True)
class Told:
    """One activation: its instant in nanoseconds, the length of the history, the SDK's flags, its jobs as tuples, and its completion."""

    at_ns: int
    events: int
    long: bool
    flags: frozenset[int]
    jobs: tuple[tuple[Any, ...], ...]
    written: bytes


def in_words(job: Any) -> tuple[Any, ...]:
    """The content of a job that a workflow receives, without its sender and its place in the history."""
    kind = sdk.job_name(job)
    match kind:
        case "initialize_workflow":
            begun = job.initialize_workflow
            return kind, begun.workflow_type, tuple(each.data for each in begun.arguments)
        case "do_update":
            said = job.do_update
            return kind, said.id, said.name, said.run_validator, tuple(each.data for each in said.input)
        case "fire_timer":
            return kind, job.fire_timer.seq
        case "resolve_activity":
            return (
                kind,
                job.resolve_activity.seq,
                job.resolve_activity.is_local,
                *_outcome(job.resolve_activity.result),
            )
    return kind, job.SerializeToString(deterministic=True)


def _outcome(result: Any) -> tuple[Any, ...]:
    if result.HasField("completed"):
        return "completed", result.completed.result.data
    if result.HasField("cancelled"):
        return ("cancelled",)
    return "failed", *_causes(result.failed.failure)


def _causes(failure: Failure) -> Iterator[str]:
    yield str(failure.WhichOneof("failure_info"))
    if failure.HasField("application_failure_info"):
        yield failure.application_failure_info.type
    if failure.HasField("cause"):
        yield from _causes(failure.cause)


# -- by the SDK's replayer ---------------------------------------------------------------------------------------------------


class _Captured:
    """An instance whose activations are recorded."""

    def __init__(self, inner: WorkflowInstance, told: list[Told]) -> None:
        self._inner, self._told = inner, told

    def activate(self, act: Any) -> Any:
        jobs = tuple(in_words(job) for job in act.jobs)
        done = self._inner.activate(act)
        if jobs[0][0] != "remove_from_cache":
            assert act.is_replaying
            written = [each.SerializeToString(deterministic=True) for each in done.successful.commands]
            flags = frozenset(act.available_internal_flags)
            long = act.continue_as_new_suggested
            at_ns = act.timestamp.ToNanoseconds()
            self._told.append(Told(at_ns, act.history_length, long, flags, jobs, b"\n".join(written)))
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Runner(UnsandboxedWorkflowRunner):
    def __init__(self) -> None:
        self.told: list[Told] = []
        self.queue = ""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        self.queue = det.info.task_queue
        captured: Any = _Captured(super().create_instance(det), self.told)
        return captured  # type: ignore[no-any-return]


async def by_the_replayer(history: WorkflowHistory) -> tuple[list[Told], str]:
    """The activations that the SDK's replayer makes of a history, and the task queue that it names."""
    runner = _Runner()
    replayer = Replayer(workflows=workflows(), data_converter=data_converter(CODEC), workflow_runner=runner)
    await replayer.replay_workflow(history)
    return runner.told, runner.queue


# -- by the simulator ----------------------------------------------------------------------------------------------------------


async def plain(payload: Payload) -> Payload:
    """A payload of the corpus, decrypted."""
    return (await CODEC.decode([payload]))[0]


class Teller:
    """Feeds a history to the simulator's engine in order, and records its activations."""

    def __init__(self, history: WorkflowHistory, queue: str) -> None:
        self._events = list(history.events)
        self._queue = queue
        self._seqs: dict[int, int] = {}
        self._local: dict[int, tuple[sdk.Job, int]] = {}
        self._now_ns = 0
        self.told: list[Told] = []

    async def tell(self) -> list[Told]:
        """The activations, in their order."""
        started = self._events[0].workflow_execution_started_event_attributes
        name = started.workflow_type.name
        argument = await plain(started.input.payloads[0])
        at_us = self._events[0].event_time.ToNanoseconds() // 1000
        run = Run(WORKFLOWS[name], name, "recorded", "recorded", self._queue, argument, at_us)
        for number, event in enumerate(self._events):
            await self._happened(run, event)
            if self._is_worked_on(number):
                await self._task(run, number)
        run.evict()
        return self.told

    def _is_worked_on(self, number: int) -> bool:
        kinds = [EventType.Name(each.event_type) for each in self._events[number : number + 2]]
        return kinds == ["EVENT_TYPE_WORKFLOW_TASK_STARTED", "EVENT_TYPE_WORKFLOW_TASK_COMPLETED"]

    async def _happened(self, run: Run, event: HistoryEvent) -> None:
        """Adds an outside event to the jobs of the next task, as Temporal does."""
        job = await self._job(event)
        if job is not None:
            run.waiting.append(job)
            run.events += 1 if sdk.job_name(job) == "fire_timer" else 2

    async def _job(self, event: HistoryEvent) -> sdk.Job | None:
        match EventType.Name(event.event_type).removeprefix("EVENT_TYPE_"):
            case "ACTIVITY_TASK_SCHEDULED":
                scheduled = event.activity_task_scheduled_event_attributes
                self._seqs[event.event_id] = int(scheduled.activity_id)
            case "ACTIVITY_TASK_COMPLETED":
                completed = event.activity_task_completed_event_attributes
                result = await plain(completed.result.payloads[0])
                return sdk.completed(self._seqs[completed.scheduled_event_id], result, local=False)
            case "ACTIVITY_TASK_FAILED":
                failed = event.activity_task_failed_event_attributes
                seq = self._seqs[failed.scheduled_event_id]
                return sdk.failed(seq, sdk.activity_failure("", seq, failed.failure), local=False)
            case "ACTIVITY_TASK_TIMED_OUT":
                timed_out = event.activity_task_timed_out_event_attributes
                seq = self._seqs[timed_out.scheduled_event_id]
                return sdk.failed(seq, sdk.activity_failure("", seq, timed_out.failure), local=False)
            case "ACTIVITY_TASK_CANCELED":
                canceled = event.activity_task_canceled_event_attributes
                return sdk.cancelled(self._seqs[canceled.scheduled_event_id])
            case "TIMER_FIRED":
                return sdk.timer_fired(int(event.timer_fired_event_attributes.timer_id))
        return None

    async def _task(self, run: Run, number: int) -> None:
        """Runs one workflow task. Its jobs, and the results of its local activities, follow its completion in the history."""
        for event in self._behind(number + 2):
            await self._lay_out(run, event)
        run.events += 2
        jobs, updates = run.opening()
        self._now_ns = self._events[number].event_time.ToNanoseconds()
        long = self._events[number].workflow_task_started_event_attributes.suggest_continue_as_new
        flags = self._events[number + 1].workflow_task_completed_event_attributes.sdk_metadata.lang_used_flags
        run.flags |= frozenset(flags)
        if run.instance is None:
            run.instance = run.make_again(frozenset())
        steps, commands = await carry_out(
            run, jobs, lambda: self._now_ns, self._locally, long=long, first=False
        )
        for step in steps:
            told = step.activation
            words = tuple(in_words(sdk.replayed(job)) for job in told.jobs)
            self.told.append(Told(told.at_ns, told.events, told.long, told.flags, words, step.written))
        run.tasks.append(Task(tuple(steps), tuple(jobs), tuple(updates), tuple(commands), 0))
        run.events += events_of(commands)

    def _behind(self, number: int) -> Iterator[HistoryEvent]:
        """The events that a task's completion added, up to the next task."""
        for event in self._events[number:]:
            if EventType.Name(event.event_type) == "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED":
                return
            yield event

    async def _lay_out(self, run: Run, event: HistoryEvent) -> None:
        match EventType.Name(event.event_type).removeprefix("EVENT_TYPE_"):
            case "WORKFLOW_EXECUTION_UPDATE_ACCEPTED":
                accepted = event.workflow_execution_update_accepted_event_attributes
                asked = accepted.accepted_request
                argument = await plain(asked.input.args.payloads[0])
                run.admitted.append(Update(asked.meta.update_id, asked.input.name, argument))
            case "MARKER_RECORDED":
                marker = event.marker_recorded_event_attributes
                about = sdk.value(marker.details["data"].payloads[0], dict[str, Any])
                seq, done = about["seq"], about["complete_time"]
                at_ns = done["seconds"] * 1_000_000_000 + done["nanos"]
                if marker.HasField("failure"):
                    job = sdk.failed(seq, marker.failure, local=True)
                else:
                    result = await plain(marker.details["result"].payloads[0])
                    job = sdk.completed(seq, result, local=True)
                self._local[seq] = (job, at_ns)

    async def _locally(self, schedule: Schedule) -> sdk.Job:
        job, at_ns = self._local.pop(schedule.seq)
        self._now_ns = max(self._now_ns, at_ns)
        return job


def history(file: Path) -> WorkflowHistory:
    """A recorded history."""
    return WorkflowHistory.from_json(file.stem, file.read_text())
