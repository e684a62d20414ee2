"""The conditions of the modelled engine: whether it can be reached, and its random choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jalon.rehearsal.sim.kernel import Kernel, Promise


class EngineDown(Exception):
    """The modelled engine cannot be reached."""


class Chances(Protocol):
    """The random choices of the modelled engine. Times are in microseconds."""

    def latency(self) -> int:
        """The time that one message takes, in microseconds."""
        ...

    def default_flags(self) -> frozenset[int]:
        """The SDK flags that a worker starts with."""
        ...

    def long_after(self, workflow: str) -> int:
        """The number of events from which continue-as-new is suggested."""
        ...

    def evicted(self) -> bool:
        """Whether a worker evicts a run from its cache after a task."""
        ...


class Reach:
    """Whether the engine can be reached, for callers and for its worker."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.up = True
        self._up_again: Promise[None] = Promise()

    def go_down(self, us: int) -> None:
        """Makes the engine unreachable for a time in microseconds."""
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
        """Calls when the unreachable engine can be reached again."""
        self._up_again.then(call)

    async def awaited(self) -> None:
        """Waits until the engine can be reached."""
        while not self.up:
            await self._up_again
