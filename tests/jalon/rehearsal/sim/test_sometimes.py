"""The table of interesting states holds every status and every refusal that the product has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jalon.domain.error_codes import ErrorCode
from jalon.domain.statuses import OrderStatus, Standing, SubscriptionStatus
from jalon.rehearsal.sim.sometimes import REFUSALS, UNREACHED, never_reached, required
from jalon.rehearsal.sim.world import Marks

ROOT = Path(__file__).parents[4]
STEPS = sorted((ROOT / "workflows").glob("*/steps/*.py")) + sorted(
    (ROOT / "workflows" / "shared_steps").glob("*.py")
)


def _refusals(file: Path) -> Iterator[ErrorCode]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refused":
            assert isinstance(node.args[0], ast.Attribute), f"{file.name}:{node.lineno}"
            yield ErrorCode[node.args[0].attr]


def test_every_refusal_of_a_step_is_met_or_said_to_be_out_of_reach() -> None:
    known = {code for file in STEPS for code in _refusals(file)}
    assert len(known) > 20
    assert known <= {*REFUSALS, *UNREACHED}
    assert set(UNREACHED) <= known


def test_every_status_and_every_word_is_to_be_met() -> None:
    words = {*OrderStatus, *SubscriptionStatus, *Standing} - {OrderStatus.NEW}
    wanted = {name.split()[-1] for name in required() if name.startswith("status: ")}
    assert wanted == words


def test_a_state_that_was_not_met_is_named() -> None:
    marks = Marks()
    for name in required():
        marks(name)
    assert never_reached(marks.counts) == []
    del marks.counts["parked: refund"]
    assert never_reached(marks.counts) == ["parked: refund"]
