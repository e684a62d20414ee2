"""Planted faults: each stands where it is said to, every area has one, and the simulator finds those of the sample."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.planted import PLANTED, Planted
from sim.planting import Edit, plant

ROOT = Path(__file__).parents[2]
AREAS = {
    "deduplication",
    "closing check",
    "stamp order",
    "ledger order",
    "payment generation",
    "hand-over",
    "parking",
    "late reminders",
    "reset epoch",
    "projection",
    "seat release",
    "frozen price",
}
SAMPLE = (
    "heard-twice",
    "switch-a-moment-late",
    "no-look-up",
    "same-epoch",
    "row-left-behind",
    "seat-not-freed",
)
"""Faults that are found within a few lives; `make sim ARGS=--planted` hunts for all."""


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: fault.name)
def test_a_fault_changes_one_place_and_leaves_python(fault: Planted) -> None:
    for edit in (*fault.edits, *fault.twin):
        source = (ROOT / edit.file).read_text()
        planted = edit.apply(source)
        assert planted != source
        compile(planted, edit.file, "exec")


def test_there_are_enough_faults_and_some_in_every_area() -> None:
    assert len(PLANTED) >= 20
    assert {fault.area for fault in PLANTED} >= AREAS
    assert len({fault.name for fault in PLANTED}) == len(PLANTED)


def test_a_fault_in_a_model_has_a_twin_in_the_product() -> None:
    for fault in PLANTED:
        modelled = any(edit.file.startswith("sim/") for edit in fault.edits)
        assert bool(fault.twin) == modelled, fault.name
        assert not any(edit.file.startswith("sim/") for edit in fault.twin), fault.name


def test_a_place_that_is_gone_or_met_twice_is_named() -> None:
    for source in ("a = 1\n", "b = 2\nb = 2\n"):
        with pytest.raises(LookupError, match=r"workflows/nowhere\.py"):
            Edit("workflows/nowhere.py", "b = 2", "b = 3").apply(source)


def test_a_fault_is_not_planted_in_what_was_imported_already() -> None:
    with pytest.raises(LookupError, match=r"already imported: sim\.planting"):
        plant([Edit("sim/planting.py", "runpy.run_module", "runpy.run_path")])


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SAMPLE)
def test_the_simulator_finds_a_planted_fault(name: str) -> None:
    asked = [sys.executable, "-m", "sim.hunt", name, "1", "60"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["after"] is not None
    assert found["rule"]
