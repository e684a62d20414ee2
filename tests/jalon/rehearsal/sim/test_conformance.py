"""The simulator's activations equal those of the SDK's replayer, job by job, over every recorded history."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jalon.rehearsal.sim.histories import Teller, Told, by_the_replayer, history
from tests.workflows.record import HISTORIES

CORPUS = sorted(HISTORIES.rglob("*.json"))


async def told_twice(file: Path) -> tuple[list[Told], list[Told]]:
    by_sdk, queue = await by_the_replayer(history(file))
    return by_sdk, await Teller(history(file), queue).tell()


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
async def test_a_recorded_history_is_told_alike(file: Path) -> None:
    by_sdk, by_simulator = await told_twice(file)
    for number, (theirs, ours) in enumerate(zip(by_sdk, by_simulator, strict=False)):
        assert ours == theirs, f"activation {number} of {len(by_sdk)}"
    assert len(by_simulator) == len(by_sdk)


async def test_the_corpus_holds_every_kind_of_job() -> None:
    kinds = set()
    for file in CORPUS:
        for told in await Teller(history(file), "any").tell():
            kinds |= {
                job[0] if job[0] != "resolve_activity" else (job[0], job[2], job[3]) for job in told.jobs
            }
    assert kinds >= {
        "initialize_workflow",
        "do_update",
        "fire_timer",
        ("resolve_activity", True, "completed"),
        ("resolve_activity", False, "completed"),
        ("resolve_activity", False, "failed"),
    }
