"""Folders of sandbox stores: copies of store files with other ids and clocks."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Literal

_STORE_TABLE = re.compile(r"(?ms)^\[store\]\s*$.*?(?=^\[|\Z)")


class NotAStoreFile(Exception):
    """The file has no [store] table."""


def copy_texts(source: Path, target: Path) -> None:
    """Copies everything in a folder that store files may refer to, except the store files themselves."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.toml"), dirs_exist_ok=True)


def copy_store(
    file: Path,
    target: Path,
    *,
    store_id: str | None = None,
    clock: Literal["live", "test"] | None = None,
    starts_at: datetime | None = None,
) -> Path:
    """Writes the store file into `target` with the given keys of [store] replaced. Returns the copy's path."""
    text = file.read_text()
    found = _STORE_TABLE.search(text)
    if found is None:
        raise NotAStoreFile(f"{file} has no [store] table")
    table = found.group()
    if store_id is not None:
        table = _with_key(table, "id", f'"{store_id}"')
    if clock is not None:
        table = _with_key(table, "clock", f'"{clock}"')
    if clock == "live":
        table = _without_key(table, "clock_starts_at")
    elif starts_at is not None:
        table = _with_key(table, "clock_starts_at", starts_at.isoformat())
    copy = target / f"{store_id or file.stem}.toml"
    copy.write_text(text[: found.start()] + table + text[found.end() :])
    return copy


def live_copies(source: Path, target: Path) -> Path:
    """Copies the stores of `source` into `target`, on real clocks. Returns the folder."""
    shutil.rmtree(target, ignore_errors=True)
    copy_texts(source, target)
    for file in sorted(source.glob("*.toml")):
        copy_store(file, target, clock="live")
    return target


def _with_key(table: str, key: str, value: str) -> str:
    head, *rest = _without_key(table, key).split("\n", 1)
    return "\n".join([head, f"{key} = {value}", *rest])


def _without_key(table: str, key: str) -> str:
    return re.sub(rf"(?m)^{key}\s*=.*\n?", "", table)
