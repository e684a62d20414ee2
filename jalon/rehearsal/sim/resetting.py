"""Resets: the run that replaces another from one of its tasks on, and what its history leaves open."""

from __future__ import annotations

from collections.abc import Sequence

from jalon.rehearsal.sim import sdk
from jalon.rehearsal.sim.runs import Activity, Run, Task, Update, events_of
from jalon.rehearsal.sim.sdk import Schedule

NOT_KEPT = ("initialize_workflow", "do_update", "update_random_seed")
"""Jobs that a reset does not copy; they are made anew."""


def said_since(chain: Sequence[Run], run_number: int, task: int) -> list[Update]:
    """The updates of a workflow's runs that were accepted from a run's `task`-th task on, to be delivered again."""
    base = chain[run_number]
    later = [
        each for run in (base, *chain[run_number + 1 :]) for each in run.tasks[task if run is base else 0 :]
    ]
    said = {update.id: update for each in later for update in each.updates}
    # Updates that a former reset delivered again are in the history, whether the run received them or not.
    kept = {update.id for each in base.tasks[:task] for update in each.updates}
    again = (update for run in chain[run_number:] for update in run.updates.values() if update.again)
    said |= {update.id: update for update in again if update.id not in kept}
    return [Update(update.id, update.name, update.argument, again=True) for update in said.values()]


def take_history(run: Run, base: Run, task: int, said: list[Update]) -> None:
    """Gives a new run the history of `base` before its `task`-th task, with the open activities and timers."""
    run.started_us, run.tasks = base.started_us, base.tasks[:task]
    kept = base.tasks[task].opened
    run.waiting = [sdk.reseeded(), *(job for job in kept if sdk.job_name(job) not in NOT_KEPT)]
    run.admitted = said
    run.updates = {update.id: update for each in run.tasks for update in each.updates}
    run.updates |= {update.id: update for update in said}
    run.flags = frozenset(flag for each in run.tasks for step in each.steps for flag in step.activation.flags)
    _leave_open(run)


def _leave_open(run: Run) -> None:
    run.events = 1
    for task in run.tasks:
        run.events += 2 + events_of(task.commands)
        _hear(run, task)
        _follow(run, task)
    resolved = {job.resolve_activity.seq for job in run.waiting if job.HasField("resolve_activity")}
    fired = {job.fire_timer.seq for job in run.waiting if job.HasField("fire_timer")}
    run.events += 2 * len(resolved) + len(fired)
    for seq in resolved:
        run.activities.pop(seq, None)
    for seq in fired:
        run.timers.pop(seq, None)


def _hear(run: Run, task: Task) -> None:
    for job in task.opened:
        if job.HasField("resolve_activity"):
            run.activities.pop(job.resolve_activity.seq, None)
            run.events += 2
        elif job.HasField("fire_timer"):
            run.timers.pop(job.fire_timer.seq, None)
            run.events += 1


def _follow(run: Run, task: Task) -> None:
    for command in task.commands:
        match command:
            case Schedule(local=False):
                run.activities[command.seq] = Activity(command)
            case sdk.CancelActivity(seq) if seq in run.activities:
                run.activities[seq].cancel_requested = True
            case sdk.StartTimer(seq, us):
                run.timers[seq] = task.finished_us + us
            case sdk.CancelTimer(seq):
                run.timers.pop(seq, None)
