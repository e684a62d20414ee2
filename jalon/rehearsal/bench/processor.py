"""Processor time by program. It shows the cost of an order, whatever else the machine does."""

from __future__ import annotations

import os
from collections.abc import Mapping

import psutil

from jalon.rehearsal.bench.stage import Stage


class Meter:
    """Processor seconds since the meter was made, by program; `api` is this process, which acts as the API."""

    def __init__(self, stage: Stage) -> None:
        self._pids = {**stage.machine.pids, "api": os.getpid()}
        if stage.plain_worker.pid is not None:
            self._pids["plain-worker"] = stage.plain_worker.pid
        self._began = self._used()

    def spent(self) -> dict[str, float]:
        """Seconds by program until now."""
        return {name: used - self._began[name] for name, used in self._used().items()}

    def _used(self) -> dict[str, float]:
        return {name: _seconds(pid) for name, pid in self._pids.items()}


def _seconds(pid: int) -> float:
    """The process's own time and, for a program of the machine, that of its children, which are PostgreSQL's backends."""
    process = psutil.Process(pid)
    if pid == os.getpid():
        own = process.cpu_times()
        return own.user + own.system
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    ended = process.cpu_times()
    return total + ended.children_user + ended.children_system


def per_order(spent: Mapping[str, float], orders: int) -> dict[str, float]:
    """Milliseconds for one order, by program and in all."""
    by_program = {name: seconds / orders * 1000 for name, seconds in spent.items()}
    return {**by_program, "all": sum(by_program.values())}
