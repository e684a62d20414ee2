"""Every change that a test of its rule must notice: of values, of decisions, and of a line of code for each rule without a value."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jalon.rehearsal.sim.edits import Edit

ROOT = Path(__file__).resolve().parents[2]
PLANTED = Path(__file__).with_name("planted.toml")
WITNESSES = Path(__file__).with_name("witnesses.toml")
HEAD = "# The test that caught each mutation; `make rules` asks it first. Made by: make rules ARGS=--record\n"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change. `name` is the same from run to run; a test that names one of the `rules` must notice it."""

    name: str
    rules: tuple[str, ...]
    edit: Edit

    @property
    def of_a_value(self) -> bool:
        """Whether it shifts a value of policy, and no code."""
        return self.edit.file.endswith(".toml")


def planted() -> dict[str, Any]:
    """The tables of `planted.toml`."""
    return tomllib.loads(PLANTED.read_text("utf-8"))


def code_mutations() -> Iterator[Mutation]:
    """The hand-written mutations."""
    for entry in planted()["mutation"]:
        edit = Edit(entry["file"], entry["former"].strip("\n"), entry["now"].strip("\n"))
        yield Mutation(entry["name"], tuple(entry["rules"]), edit)


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The test that caught each mutation when the witnesses were last recorded, by whether it needs engines. It is asked first."""

    in_process: Mapping[str, str]
    engines: Mapping[str, str]

    @classmethod
    def read(cls) -> Witnesses:
        """The recorded ones."""
        told = tomllib.loads(WITNESSES.read_text("utf-8")) if WITNESSES.exists() else {}
        return cls(told.get("in_process", {}), told.get("engines", {}))

    @property
    def all(self) -> dict[str, str]:
        """Both."""
        return {**self.in_process, **self.engines}

    def write(self) -> None:
        """Records them."""
        tables = (("in_process", self.in_process), ("engines", self.engines))
        text = "\n".join(f"[{name}]\n{_lines(known)}" for name, known in tables)
        WITNESSES.write_text(f"{HEAD}\n{text}", "utf-8")


def _lines(known: Mapping[str, str]) -> str:
    """The lines of a table."""
    texts = ((json.dumps(text, ensure_ascii=False) for text in pair) for pair in sorted(known.items()))
    return "".join(f"{name} = {test}\n" for name, test in texts)
