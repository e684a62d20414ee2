"""Virtual time: one heap of events, coroutines that wait on it, and processes that can be killed between any two of their steps."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Coroutine, Generator
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
DAY = 86_400 * SECOND
_MICROSECOND = timedelta(microseconds=1)


def instant(us: int) -> datetime:
    """The UTC instant of a virtual time in microseconds since 1970."""
    return EPOCH + timedelta(microseconds=us)


def microseconds(at: datetime) -> int:
    """The virtual time of an instant, in microseconds since 1970."""
    return (at - EPOCH) // _MICROSECOND


class Sleep:
    """Waits for a time of virtual microseconds."""

    __slots__ = ("us",)

    def __init__(self, us: int) -> None:
        self.us = us

    def __await__(self) -> Generator[Any, None, None]:
        yield self


class Promise(Generic[T]):
    """A value that is set later. Awaiting it returns the value or raises its fault."""

    __slots__ = ("_fault", "_value", "_waiting", "done")

    def __init__(self) -> None:
        self.done = False
        self._value: T | None = None
        self._fault: BaseException | None = None
        self._waiting: list[Callable[[], None]] = []

    def keep(self, value: T) -> None:
        """Sets the value; a settled promise is not changed."""
        if not self.done:
            self._value = value
            self._settle()

    def break_(self, fault: BaseException) -> None:
        """Sets the fault; a settled promise is not changed."""
        if not self.done:
            self._fault = fault
            self._settle()

    def then(self, call: Callable[[], None]) -> None:
        """Calls when the promise is settled, at once if it already is."""
        if self.done:
            call()
        else:
            self._waiting.append(call)

    def result(self) -> T:
        """The value. Raises the fault instead, or LookupError while neither is set."""
        if self._fault is not None:
            raise self._fault
        if not self.done:
            raise LookupError("the promise is open")
        return self._value  # type: ignore[return-value]  # it was kept, and a T may be None

    def _settle(self) -> None:
        self.done = True
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()

    def __await__(self) -> Generator[Any, None, T]:
        if not self.done:
            yield self
        return self.result()


class Process:
    """A process of the installation. `fated` is called before each step of its actors and returns whether the process dies instead."""

    def __init__(self, kernel: Kernel, name: str, fated: Callable[[Process], bool]) -> None:
        self.kernel, self.name, self.fated = kernel, name, fated
        self.up = True
        self.on_death: list[Callable[[], None]] = []
        self.on_start: list[Callable[[], None]] = []
        self._actors: dict[Actor, None] = {}

    def spawn(self, work: Coroutine[Any, Any, Any], lost: Callable[[], None] | None = None) -> None:
        """Runs the coroutine in the process. `lost` is called when the process dies meanwhile, or is down already."""
        if not self.up:
            work.close()
            if lost is not None:
                lost()
            return
        actor = Actor(work, self, lost)
        self._actors[actor] = None
        self.kernel.at(self.kernel.now, actor.step)

    def leave(self, actor: Actor) -> None:
        """Removes an actor that has ended."""
        self._actors.pop(actor, None)

    def die(self, down_us: int) -> None:
        """Kills every actor and starts again after `down_us`."""
        if not self.up:
            return
        self.up = False
        actors, self._actors = list(self._actors), {}
        for actor in actors:
            actor.kill()
        for call in self.on_death:
            call()
        self.kernel.at(self.kernel.now + down_us, self.start)

    def start(self) -> None:
        """Starts the process, if it is down."""
        if self.up:
            return
        self.up = True
        for call in self.on_start:
            call()


class Actor:
    """One running coroutine in virtual time."""

    __slots__ = ("_dead", "_lost", "_process", "_work")

    def __init__(
        self, work: Coroutine[Any, Any, Any], process: Process, lost: Callable[[], None] | None
    ) -> None:
        self._work, self._process, self._lost, self._dead = work, process, lost, False

    def step(self) -> None:
        """Continues until the next wait, unless the process dies here."""
        if self._dead:
            return
        process = self._process
        if process.fated(process):
            return
        try:
            wait = self._work.send(None)
        except StopIteration:
            process.leave(self)
            return
        if isinstance(wait, Sleep):
            process.kernel.at(process.kernel.now + wait.us, self.step)
        else:
            wait.then(lambda: process.kernel.at(process.kernel.now, self.step))

    def kill(self) -> None:
        """Ends the coroutine where it is."""
        self._dead = True
        self._work.close()
        if self._lost is not None:
            self._lost()


class Kernel:
    """The heap of events. `now` is virtual time in microseconds since 1970; events at one instant keep their order."""

    def __init__(self, start: datetime) -> None:
        self.now = microseconds(start)
        self.steps = 0
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    @property
    def instant(self) -> datetime:
        """The present instant in UTC."""
        return instant(self.now)

    def at(self, when: int, call: Callable[[], None]) -> None:
        """Calls at the virtual time `when`, or now where that is past."""
        self._count += 1
        heapq.heappush(self._heap, (max(when, self.now), self._count, call))

    def after(self, us: int, call: Callable[[], None]) -> None:
        """Calls `us` microseconds from now."""
        self.at(self.now + us, call)

    def run(self, until: Callable[[], bool], at_most: int) -> bool:
        """Runs until the condition holds or the heap is empty. False when `at_most` steps were not enough."""
        while self._heap and not until():
            if self.steps >= at_most:
                return False
            self.steps += 1
            self.now, _, call = heapq.heappop(self._heap)
            call()
        return True


async def within(kernel: Kernel, promise: Promise[T], us: int) -> T:
    """The promise's value. Raises TimeoutError when it is still open after `us` microseconds."""
    raced: Promise[bool] = Promise()
    promise.then(lambda: raced.keep(True))
    kernel.after(us, lambda: raced.keep(False))
    if not await raced:
        raise TimeoutError
    return promise.result()
