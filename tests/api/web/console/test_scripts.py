"""The scripts that the console serves are those of the pinned packages, byte for byte."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
MODULES = Path(sys.prefix) / "npm" / "node_modules"


@pytest.mark.parametrize(
    ("served", "packed"),
    [
        ("htmx.min.js", "htmx.org/dist/htmx.min.js"),
        ("htmx-sse.min.js", "htmx-ext-sse/dist/sse.min.js"),
    ],
)
def test_a_served_script_is_that_of_its_package(served: str, packed: str) -> None:
    assert MODULES.is_dir(), "run `make test`, which installs what the tests take from npm"
    assert (ROOT / "templates" / "static" / served).read_bytes() == (MODULES / packed).read_bytes()
