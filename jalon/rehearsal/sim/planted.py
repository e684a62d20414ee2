"""The faults to plant, each a changed line of the product, with the reason where the simulator cannot find one.

`planted.toml` lists them. A fault in a modelled part is planted in the model. Its `twin` is the same fault in the product, found by the
script that model and product share (`tests/jalon/rehearsal/sim/test_models.py`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jalon.rehearsal.sim.edits import Edit
from jalon.rehearsal.sim.focus import Focus

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault. `focus` is what a hunt for it makes frequent.

    `equivalent` is the reason why no caller can notice the fault, `rare` the reason why no hunt is long enough, where there is one.
    """

    name: str
    area: str
    what: str
    edits: tuple[Edit, ...]
    twin: tuple[Edit, ...] = ()
    focus: Focus | None = None
    equivalent: str | None = None
    rare: str | None = None

    @property
    def why_not_found(self) -> str | None:
        """The reason why a hunt may end without the fault, or None."""
        return self.equivalent or self.rare


def _edits(rows: Sequence[Mapping[str, str]]) -> tuple[Edit, ...]:
    return tuple(Edit(row["file"], row["former"], row["now"]) for row in rows)


def _focus(row: Mapping[str, Any] | None) -> Focus | None:
    return None if row is None else Focus(row.get("rates", {}), row.get("choices", {}))


def _fault(row: Mapping[str, Any]) -> Planted:
    return Planted(
        row["name"],
        row["area"],
        row["what"],
        _edits(row["edits"]),
        _edits(row.get("twin", ())),
        _focus(row.get("focus")),
        row.get("equivalent"),
        row.get("rare"),
    )


PLANTED: tuple[Planted, ...] = tuple(
    _fault(row) for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["fault"]
)
