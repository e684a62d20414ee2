"""A small model of Temporal: workflow tasks, timers, updates, new runs and resets, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from temporalio.api.common.v1 import Payload

from jalon.rehearsal.sim import sdk
from jalon.rehearsal.sim.attempts import Attempts, Performer
from jalon.rehearsal.sim.conditions import Chances, Reach
from jalon.rehearsal.sim.kernel import SECOND, Kernel, Process, Sleep
from jalon.rehearsal.sim.resetting import said_since, take_history
from jalon.rehearsal.sim.runs import (
    Activity,
    NotReproduced,
    Run,
    Step,
    Task,
    Update,
    WorkflowClosed,
    carry_out,
    events_of,
)
from jalon.rehearsal.sim.sdk import Schedule

TASK_TIMEOUT = 10 * SECOND
MOST_FAILURES = 3
"""A run whose task fails more often counts as broken; Temporal retries for ever."""
QUEUE = "sim"


class Engine:
    """The model of one namespace with one worker."""

    def __init__(
        self,
        kernel: Kernel,
        worker: Process,
        workflows: Mapping[str, type],
        performers: Mapping[str, Performer],
        reach: Reach,
        chances: Chances,
        note: Callable[[str, str], None],
        committed: Callable[[Run, Task], None],
    ) -> None:
        self._kernel, self._worker, self._workflows = kernel, worker, workflows
        self._reach, self._chances, self._note, self._committed = reach, chances, note, committed
        self._attempts = Attempts(kernel, worker, performers, reach, chances.latency, self._happened)
        self.chains: dict[str, list[Run]] = {}
        self.given_back: list[Callable[[Run], None]] = []
        self.resets: dict[str, int] = {}
        self._runs = 0
        worker.on_death.append(self._worker_died)
        worker.on_start.append(self._worker_started)

    # -- called by clients -----------------------------------------------------------------------------------------------

    def current(self, workflow_id: str) -> Run | None:
        """The latest run, or None."""
        chain = self.chains.get(workflow_id)
        return chain[-1] if chain else None

    def start(self, name: str, workflow_id: str, argument: Payload) -> Run:
        """The workflow's run, started once: a duplicate start changes nothing. Raises EngineDown."""
        self._reach.check()
        known = self.current(workflow_id)
        return known if known is not None else self._begin(name, workflow_id, argument, [])

    def update(self, workflow_id: str, update_id: str, name: str, argument: Payload) -> Update:
        """The present state of the update; the same id is the same update. Raises EngineDown and WorkflowClosed."""
        self._reach.check()
        run = self.current(workflow_id)
        if run is None:
            raise WorkflowClosed(workflow_id)
        if update_id in run.updates:
            return run.updates[update_id]
        if run.closed is not None:
            raise WorkflowClosed(workflow_id)
        update = Update(update_id, name, argument)
        run.updates[update_id] = update
        run.admitted.append(update)
        self._want(run)
        return update

    def reset(self, workflow_id: str, run_number: int, task: int) -> Run:
        """Resets a run: a new run from its history before its `task`-th task. Updates accepted since are delivered again."""
        chain = self.chains[workflow_id]
        base = chain[run_number]
        chain[-1].terminate()
        self.resets[workflow_id] = self.resets.get(workflow_id, 0) + 1
        run = self._new(base.name, workflow_id, base.argument)
        take_history(run, base, task, said_since(chain, run_number, task))
        for activity in run.activities.values():
            self._attempts.dispatch(run, activity, 0)
        for seq, ring_us in run.timers.items():
            self._set_timer(run, seq, ring_us)
        chain.append(run)
        self._want(run)
        return run

    # -- runs ------------------------------------------------------------------------------------------------------------

    def _new(self, name: str, workflow_id: str, argument: Payload) -> Run:
        self._runs += 1
        return Run(
            self._workflows[name], name, workflow_id, f"run-{self._runs}", QUEUE, argument, self._kernel.now
        )

    def _begin(self, name: str, workflow_id: str, argument: Payload, updates: list[Update]) -> Run:
        run = self._new(name, workflow_id, argument)
        run.admitted, run.updates = updates, {update.id: update for update in updates}
        self.chains.setdefault(workflow_id, []).append(run)
        self._want(run)
        return run

    def _close(self, run: Run, command: sdk.Ended | sdk.ContinuedAsNew) -> None:
        run.closed = "ended" if isinstance(command, sdk.Ended) else "continued"
        run.activities.clear()
        run.timers.clear()
        backlog, run.admitted = run.admitted, []
        if isinstance(command, sdk.ContinuedAsNew):
            # Updates that came too late for this run's last task go to the next run.
            for update in backlog:
                del run.updates[update.id]
            self._begin(run.name, run.workflow_id, command.argument, backlog)
        else:
            for update in backlog:
                update.break_(WorkflowClosed(run.workflow_id))
        run.lose_updates()

    # -- workflow tasks --------------------------------------------------------------------------------------------------

    def _want(self, run: Run, after_us: int = 0) -> None:
        """Has a worker take the run's next task, as soon as there is one and no worker has it."""
        if run.at_work or not run.wanting:
            return
        run.at_work = True
        self._kernel.after(after_us + self._chances.latency(), lambda: self._take_up(run))

    def _take_up(self, run: Run) -> None:
        if run.closed is not None:
            run.at_work = False
            return
        if not self._reach.up:
            self._reach.when_up(
                lambda: self._kernel.after(self._chances.latency(), lambda: self._take_up(run))
            )
            return
        if not self._worker.up:
            run.at_work = False
            return
        jobs, updates = run.opening()
        run.events += 2
        # If the worker dies with the task, the task times out and another worker takes it.
        self._worker.spawn(
            self._work(run, jobs, updates), lambda: self._again(run, jobs, updates, TASK_TIMEOUT)
        )

    def _again(self, run: Run, jobs: list[sdk.Job], updates: list[Update], after_us: int) -> None:
        run.evict()
        run.give_back(jobs, updates)
        run.at_work = False
        for call in self.given_back:
            call(run)
        self._want(run, after_us)

    async def _work(self, run: Run, jobs: list[sdk.Job], updates: list[Update]) -> None:
        begun_us = self._kernel.now
        try:
            steps, commands = await self._carry_out(run, jobs)
        except NotReproduced as fault:
            self._note("replay", str(fault))
            run.closed = "broken"
            return
        except sdk.TaskFailed as fault:
            self._failed(run, jobs, updates, str(fault))
            return
        await Sleep(self._chances.latency())
        await self._reach.awaited()
        if self._kernel.now - begun_us > TASK_TIMEOUT or run.closed is not None:
            self._again(run, jobs, updates, self._chances.latency())
            return
        closing = bool(commands) and isinstance(commands[-1], sdk.Ended | sdk.ContinuedAsNew)
        if closing and run.waiting:
            # Temporal refuses to close a run with new events: the task is done again with them.
            self._again(run, jobs, updates, 0)
            return
        self._commit(run, Task(tuple(steps), tuple(jobs), tuple(updates), tuple(commands), self._kernel.now))

    def _failed(self, run: Run, jobs: list[sdk.Job], updates: list[Update], why: str) -> None:
        run.failures += 1
        run.instance = None
        if run.failures == 1:
            self._note("task_failed", f"{run.workflow_id}: {why}")
        if run.failures > MOST_FAILURES:
            run.closed = "broken"
            return
        self._again(run, jobs, updates, TASK_TIMEOUT)

    async def _carry_out(self, run: Run, jobs: list[sdk.Job]) -> tuple[list[Step], list[sdk.Command]]:
        run.in_memory(self._chances.default_flags())
        return await carry_out(
            run,
            jobs,
            lambda: self._kernel.now * 1000,
            self._attempts.perform_locally,
            long=run.events >= self._long_from(run),
            first=True,
        )

    def _long_from(self, run: Run) -> int:
        """The event count from which the run counts as long. It holds for the whole run, whichever worker takes the task."""
        if run.long_from is None:
            run.long_from = self._chances.long_after(run.workflow_id)
        return run.long_from

    def _commit(self, run: Run, task: Task) -> None:
        run.at_work, run.failures = False, 0
        run.tasks.append(task)
        run.events += events_of(task.commands)
        for command in task.commands:
            self._apply(run, command)
        self._committed(run, task)
        if run.closed is not None or self._chances.evicted():
            run.evict()
        self._want(run)

    def _apply(self, run: Run, command: sdk.Command) -> None:
        match command:
            case Schedule(local=False):
                activity = run.activities[command.seq] = Activity(command)
                self._attempts.dispatch(run, activity, 0)
            case sdk.CancelActivity(seq) if seq in run.activities:
                self._attempts.cancel(run, run.activities[seq])
            case sdk.StartTimer(seq, us):
                self._set_timer(run, seq, self._kernel.now + us)
            case sdk.CancelTimer(seq):
                run.timers.pop(seq, None)
            case sdk.Accepted(update_id):
                run.updates[update_id].accepted.keep(None)
            case sdk.Answered(update_id, result):
                run.updates[update_id].answered.keep(result)
            case sdk.Ended() | sdk.ContinuedAsNew():
                self._close(run, command)

    # -- changes of a run ------------------------------------------------------------------------------------------------

    def _set_timer(self, run: Run, seq: int, ring_us: int) -> None:
        run.timers[seq] = ring_us
        self._kernel.at(ring_us, lambda: self._ring(run, seq))

    def _ring(self, run: Run, seq: int) -> None:
        if not self._reach.up:
            self._reach.when_up(lambda: self._ring(run, seq))
            return
        if run.closed is None and run.timers.pop(seq, None) is not None:
            self._happened(run, sdk.timer_fired(seq), 1)

    def _happened(self, run: Run, job: sdk.Job, events: int) -> None:
        run.waiting.append(job)
        run.events += events
        self._want(run)

    # -- the worker ------------------------------------------------------------------------------------------------------

    def _worker_died(self) -> None:
        for chain in self.chains.values():
            chain[-1].evict()

    def _worker_started(self) -> None:
        for chain in self.chains.values():
            run = chain[-1]
            if run.closed is not None:
                continue
            self._want(run)
            for activity in run.activities.values():
                if not activity.running:
                    self._attempts.dispatch(run, activity, 0)
