"""The machine of `jalon faults` serves the stores that the cases name."""

from __future__ import annotations

from jalon.policy.authoring.loader import load_stores
from jalon.rehearsal.faults.cases import CASES
from jalon.rehearsal.faults.rig import STORES


def test_the_store_of_every_case_is_there() -> None:
    assert {case.store for case in CASES} <= load_stores(STORES).keys()
