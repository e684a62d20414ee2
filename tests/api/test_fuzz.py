"""A sample of `make fuzz`: requests made of the description with a key of each role are answered as it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.ground import Ground, ground
from tests.fuzz.run import Fuzz
from tests.fuzz.team import TEAM
from tests.support.machines import Serving
from tests.support.stores import StorePool

SAMPLE = Fuzz(examples=1, seed=20260115, phases=("fuzzing", "stateful"))


@pytest.fixture(scope="module")
def tried(machine: Serving, pool: StorePool) -> Iterator[Ground]:
    """The stores of the requests."""
    with ground(machine, pool) as prepared:
        yield prepared


@pytest.mark.rule("T15")
@pytest.mark.timeout(300)
def test_requests_of_every_role_are_answered_as_described(tried: Ground, tmp_path: Path) -> None:
    ran = SAMPLE.run(tried, TEAM, tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "operations\n" in ran.stdout
