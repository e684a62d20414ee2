"""The conditions under which the engine works: whether it can be reached, and what it leaves to chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jalon.rehearsal.sim.kernel import Kernel, Promise


class EngineDown(Exception):
    """The engine cannot be reached."""


class Chances(Protocol):
    """What the engine leaves to chance. Times in microseconds."""

    def latency(self) -> int:
        """The time that one message takes."""
        ...

    def default_flags(self) -> frozenset[int]:
        """The SDK's flags that a worker starts with."""
        ...

    def long_after(self, workflow: str) -> int:
        """From how many events on the engine asks for a shorter history."""
        ...

    def evicted(self) -> bool:
        """Whether a worker's memory lets go of a run after a task."""
        ...


class Reach:
    """The way to the engine, for whoever calls it and for its worker."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.up = True
        self._up_again: Promise[None] = Promise()

    def go_down(self, us: int) -> None:
        """Cuts the way off for a while."""
        if self.up:
            self.up, self._up_again = False, Promise()
            self._kernel.after(us, self._come_back)

    def _come_back(self) -> None:
        self.up = True
        self._up_again.keep(None)

    def check(self) -> None:
        """Raises EngineDown unless the engine can be reached."""
        if not self.up:
            raise EngineDown

    def when_up(self, call: Callable[[], None]) -> None:
        """Calls when the engine, which is out of reach, can be reached again."""
        self._up_again.then(call)

    async def awaited(self) -> None:
        """Waits until the engine can be reached."""
        while not self.up:
            await self._up_again
