"""The simulator was tried with one release of the SDK, and uses its internals in one place only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from jalon.rehearsal.sim import sdk

ROOT = Path(__file__).parents[4]


def test_the_sdk_is_the_release_that_the_simulator_was_tried_with() -> None:
    assert version("temporalio") == sdk.TRIED_WITH, (
        f"temporalio {version('temporalio')} is installed; jalon/rehearsal/sim/sdk/ knows the insides of {sdk.TRIED_WITH}. "
        "Run tests/jalon/rehearsal/sim/test_conformance.py, compare jalon/rehearsal/sim/sdk/ with the new release, then change TRIED_WITH."
    )


def test_the_lock_pins_that_release() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert re.search(rf"^temporalio(\[.*\])?=={re.escape(sdk.TRIED_WITH)} ", lock, re.MULTILINE)


def _insides(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def _is_inside(name: str) -> bool:
    return name.startswith("temporalio.bridge") or (
        name.startswith("temporalio.") and any(part.startswith("_") for part in name.split("."))
    )


def test_one_place_knows_the_insides_of_the_sdk() -> None:
    found = {
        file.relative_to(ROOT / "jalon" / "rehearsal").parts[:2]
        for file in (ROOT / "jalon" / "rehearsal" / "sim").rglob("*.py")
        if any(_is_inside(name) for name in _insides(file))
    }
    assert found == {("sim", "sdk")}
