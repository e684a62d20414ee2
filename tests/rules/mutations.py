"""Changes that a test of their rule must notice: each value of the store files by one unit, a line of code for other rules."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jalon.rehearsal.sim.edits import Edit

ROOT = Path(__file__).resolve().parents[2]
PLANTED = Path(__file__).with_name("planted.toml")
_LINE = re.compile(r"^(?P<key>\w+) = (?P<value>.+?)\s+#\s*(?P<comment>.*)$")
_RULE = re.compile(r"\b[A-Z]\d{1,2}\b")
_SPAN = re.compile(r"^([A-Z]) ?(\d+) to [A-Z]?(\d+)")
_COUNT = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change. `name` is the same from run to run; a test that names one of the `rules` must notice it."""

    name: str
    rules: tuple[str, ...]
    edit: Edit


def mutations() -> list[Mutation]:
    """Every mutation, those of the store files first."""
    return [*_values(), *_code()]


def _values() -> Iterator[Mutation]:
    """Each value of a shipped store file beside which a comment names its rule."""
    for file in sorted((ROOT / "stores").glob("*.toml")):
        text = file.read_text("utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            found = _LINE.match(line)
            shifted = _shifted(found["value"]) if found else None
            rules = _rules_in(found["comment"]) if found else ()
            if found is None or shifted is None or not rules:
                continue
            # The lines before it make the line stand once in its file.
            before = "\n".join(text.splitlines()[: number - 1])
            former, now = f"{before}\n{line}\n", f"{before}\n{found['key']} = {shifted}\n"
            yield Mutation(
                f"{file.stem}:{number} {found['key']}", rules, Edit(f"stores/{file.name}", former, now)
            )


def _rules_in(comment: str) -> tuple[str, ...]:
    """The rules that a comment names, "H1 to H5" as each of them."""
    span = _SPAN.match(comment)
    if span:
        return tuple(f"{span[1]}{number}" for number in range(int(span[2]), int(span[3]) + 1))
    return tuple(dict.fromkeys(_RULE.findall(comment)))


def _shifted(value: str) -> str | None:
    """The value by one unit: a day, an hour, a seat, a flag; of a list its last entry is missing; another contact."""
    shifts = (each(value) for each in (_flag, _number, _list, _contact))
    return next((shifted for shifted in shifts if shifted is not None), None)


def _flag(value: str) -> str | None:
    return {"true": "false", "false": "true", '"activation"': '"order"'}.get(value)


def _number(value: str) -> str | None:
    counted = value.isdigit() or re.fullmatch(r'"(P\d+[DMY]|PT\d+H|\d+BD)"', value)
    return _COUNT.sub(lambda count: str(int(count[0]) + 1), value) if counted else None


def _list(value: str) -> str | None:
    return value.rpartition(",")[0] + "]" if value.startswith("[") and "," in value else None


def _contact(value: str) -> str | None:
    is_contact = "@" in value or value.startswith('"https://')
    return re.sub(r"(@|//)", r"\1other.", value, count=1) if is_contact else None


def _code() -> Iterator[Mutation]:
    for entry in tomllib.loads(PLANTED.read_text("utf-8"))["mutation"]:
        edit = Edit(entry["file"], entry["former"].strip("\n"), entry["now"].strip("\n"))
        yield Mutation(entry["name"], tuple(entry["rules"]), edit)
