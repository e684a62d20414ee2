"""The faults of a store file, by line and key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from jalon.domain.explained import Explained
from jalon.policy.authoring.lines import LineIndex, Path
from jalon.policy.authoring.merging import Table
from jalon.policy.suggestions import nearest, suggestions

_WANTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list in [ ]",
    "list_type": "a list in [ ]",
    "dict_type": "a table",
    "model_type": "a table",
    "date_type": "a date, as 2026-01-31 without quotes",
    "date_from_datetime_inexact": "a date, as 2026-01-31 without a time",
    "datetime_type": "a date and time with its offset, as 2026-01-15T10:30:00+01:00",
    "timezone_aware": "a date and time with its offset, as 2026-01-15T10:30:00+01:00",
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault of a store file: line from 1, dotted key ("products[2].prices"), and the remedy."""

    line: int
    key: str
    message: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: " + (f"{self.key}: " if self.key else "") + self.message


class StoreFileFaults(Explained):
    """A store file, or a folder of store files, cannot be used. `faults` are all of them, in file and line order."""

    def __init__(self, path: FilePath, faults: Iterable[Fault]) -> None:
        self.path = path
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class FaultList:
    """Collects the faults of a file that says `written`, turning key paths into lines. A fault of a product names its sku."""

    def __init__(self, file: str, lines: LineIndex, written: Table) -> None:
        self._file = file
        self._lines = lines
        self._written = written
        self._found: dict[Fault, None] = {}

    def add(self, path: Path, message: str, written_at: Iterable[Path] = ()) -> None:
        """Records a fault at `path`, on the line of the first of `written_at` that the file writes.

        `written_at` are the places where the file may write the value, strongest first. Where the file writes none of them, the fault
        keeps `path`.
        """
        for place in (*written_at, path):
            line = self._lines.exact(place)
            if line is not None:
                self._note(line, place, message)
                return
        self._note(self._lines.nearest(path), path, message)

    def _note(self, line: int, path: Path, message: str) -> None:
        sku = _value_at(self._written, (*path[:2], "sku")) if path[:1] == ("products",) else None
        if isinstance(sku, str):
            message = _naming(sku, message)
        self._found[Fault(line, dotted(path), message, self._file)] = None

    def writes(self, path: Path) -> bool:
        """Whether the file itself writes the key."""
        return _value_at(self._written, path) is not None

    @property
    def found(self) -> tuple[Fault, ...]:
        """All faults, by line."""
        return tuple(sorted(self._found))


def _value_at(written: object, path: Path) -> object:
    """What a file writes at a path, None where it writes nothing there; TOML has no null."""
    for part in path:
        if isinstance(written, Mapping):
            written = written.get(part)
        elif isinstance(written, list) and isinstance(part, int) and part < len(written):
            written = written[part]
        else:
            return None
    return written


def _naming(sku: str, message: str) -> str:
    return message if f'"{sku}"' in message else f'{message} (sku "{sku}")'


def dotted(path: Path) -> str:
    """("products", 2, "prices", "EUR") becomes `products[2].prices.EUR`."""
    key = ""
    for part in path:
        if isinstance(part, int):
            key += f"[{part}]"
        else:
            key += ("." if key else "") + (
                part if part.replace("-", "_").isidentifier() else json.dumps(part)
            )
    return key


def error_path(error: ErrorDetails) -> Path:
    """The path of a validation error inside its part."""
    return tuple(part for part in error["loc"] if part != "[key]")


def error_message(part: type[BaseModel], error: ErrorDetails) -> str:
    """A validation error in words for the author of a store file."""
    kind, value = error["type"], error["input"]
    if kind == "extra_forbidden":
        return unknown_key(str(error["loc"][-1]), _keys_at(part, error_path(error)[:-1]))
    if kind == "missing":
        return "is required"
    if kind == "literal_error":
        return _not_one_of(value, error["ctx"]["expected"])
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind in _WANTED:
        return f"must be {_WANTED[kind]}, not {_shown(value)}"
    return f"{error['msg'][0].lower()}{error['msg'][1:]}, not {_shown(value)}"


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The message for an unknown `key`, with the nearest known one."""
    known = sorted(known)
    return f'"{key}" is not a key here' + (nearest(key, known) or f"; known keys: {', '.join(known)}")


def _not_one_of(value: object, expected: str) -> str:
    choices = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    found = suggestions(str(value), choices, limit=1)
    hint = f'; did you mean "{found[0]}"?' if found else ""
    return f"must be one of {', '.join(choices)}, not {_shown(value)}{hint}"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a table"
    return json.dumps(value, ensure_ascii=False, default=str)


def _keys_at(part: type[BaseModel], path: Path) -> tuple[str, ...]:
    for key in path:
        field = part.model_fields.get(str(key))
        inner = _model_in(field.annotation) if field else None
        part = inner or part
    return tuple(part.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)
