"""Virtual time: events in their order, promises, and processes that die between two steps of their work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jalon.rehearsal.sim.kernel import SECOND, Kernel, Process, Promise, Sleep, instant, microseconds, within

START = datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC)


@pytest.fixture
def kernel() -> Kernel:
    return Kernel(START)


def process(kernel: Kernel, dies_at: int | None = None) -> Process:
    """A process that dies at its `dies_at`-th step, for a second."""
    steps = 0

    def fated(mortal: Process) -> bool:
        nonlocal steps
        steps += 1
        if steps != dies_at:
            return False
        mortal.die(SECOND)
        return True

    return Process(kernel, "worker", fated)


def run(kernel: Kernel) -> None:
    assert kernel.run(lambda: False, 1_000)


def test_events_of_one_instant_keep_their_order_and_later_ones_come_later(kernel: Kernel) -> None:
    said: list[str] = []
    kernel.after(2, lambda: said.append("later"))
    for word in ("first", "second"):
        kernel.after(1, lambda word=word: said.append(word))  # type: ignore[misc]
    run(kernel)
    assert said == ["first", "second", "later"]
    assert kernel.instant == START + timedelta(microseconds=2)


def test_an_instant_is_kept_to_the_microsecond() -> None:
    assert instant(microseconds(START)) == START


def test_work_waits_and_goes_on(kernel: Kernel) -> None:
    promise: Promise[str] = Promise()
    said: list[str] = []

    async def work() -> None:
        await Sleep(5)
        said.append(await promise)

    process(kernel).spawn(work())
    kernel.after(9, lambda: promise.keep("kept"))
    run(kernel)
    assert said == ["kept"]
    assert kernel.instant == START + timedelta(microseconds=9)


@pytest.mark.parametrize(("at", "came"), [(9, True), (10, True), (11, False)])
def test_a_promise_is_waited_for_so_long_and_no_longer(kernel: Kernel, at: int, came: bool) -> None:
    promise: Promise[str] = Promise()
    outcome: list[str] = []

    async def work() -> None:
        try:
            outcome.append(await within(kernel, promise, 10))
        except TimeoutError:
            outcome.append("too late")

    kernel.after(at, lambda: promise.keep("kept"))
    process(kernel).spawn(work())
    run(kernel)
    assert outcome == ["kept" if came else "too late"]


@pytest.mark.parametrize("dies_at", [1, 2, 3])
def test_a_process_dies_between_any_two_steps_and_is_up_again(kernel: Kernel, dies_at: int) -> None:
    mortal, done, lost = process(kernel, dies_at), list[str](), list[str]()

    async def work() -> None:
        done.append("begun")
        await Sleep(1)
        done.append("half")
        await Sleep(1)
        done.append("done")

    mortal.spawn(work(), lambda: lost.append("lost"))
    run(kernel)
    assert done == ["begun", "half", "done"][: dies_at - 1]
    assert lost == ["lost"]
    assert mortal.up


def test_what_is_begun_in_a_dead_process_is_lost_at_once(kernel: Kernel) -> None:
    mortal, lost = process(kernel), list[str]()
    mortal.die(SECOND)

    async def work() -> None:
        raise AssertionError

    mortal.spawn(work(), lambda: lost.append("lost"))
    assert lost == ["lost"]
    run(kernel)
    assert mortal.up
