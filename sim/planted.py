"""Faults to plant, one line of the product each: what the simulator must find, or why no life can tell.

They stand in `planted.toml`. A fault in what the simulator has a model of is planted in the model; its `twin` is the same
fault in the product, which the script that model and product share (`tests/sim/test_models.py`) finds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.planting import Edit

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault. `equivalent` says why no caller can tell it from the product, where that is so."""

    name: str
    area: str
    what: str
    edits: tuple[Edit, ...]
    twin: tuple[Edit, ...] = ()
    equivalent: str | None = None


def _edits(rows: Sequence[Mapping[str, str]]) -> tuple[Edit, ...]:
    return tuple(Edit(row["file"], row["former"], row["now"]) for row in rows)


def _fault(row: Mapping[str, Any]) -> Planted:
    return Planted(
        row["name"],
        row["area"],
        row["what"],
        _edits(row["edits"]),
        _edits(row.get("twin", ())),
        row.get("equivalent"),
    )


PLANTED: tuple[Planted, ...] = tuple(
    _fault(row) for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["fault"]
)
