"""Runs tests on shifted values with one machine for many: it serves copies of each shifted store, and a run takes those of one shift."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.storefolder import copy_store, copy_texts
from jalon.policy.authoring.faults import StoreFileFaults
from jalon.policy.authoring.loader import DEFAULTS, load_store
from tests.rules.mutations import ROOT, Mutation
from tests.rules.trees import PLAIN, PYTEST, first_failed_in, passed_in
from tests.support.machines import Description
from tests.support.stores import EARLIEST

STORES = ROOT / "stores"
AS_THEY_ARE = "the stores as they are"
MOST_COPIES = 1_000
"""More than a shelf holds of one store, so that ids of shelves differ."""
_OF_DEFAULTS = re.compile(r"^defaults (?P<table>\w+)\.(?P<key>\w+)(?:\[| |$)")


@dataclass(frozen=True, slots=True)
class Shift:
    """A shifted value, and how many copies of each store that it changes its tests may take."""

    mutation: Mutation
    copies: int


def shifted_stores(mutation: Mutation) -> dict[str, str]:
    """The text of each store that ships and that a shifted value changes, by its id; none where it is no value of a store."""
    file = ROOT / mutation.edit.file
    if file.parent == STORES:
        return {file.stem: mutation.edit.apply(file.read_text("utf-8"))}
    found = _OF_DEFAULTS.match(mutation.name) if file == DEFAULTS else None
    if found is None:
        return {}
    table, key = found["table"], found["key"]
    line = next(
        each for each in mutation.edit.now.splitlines() if each not in mutation.edit.former.splitlines()
    )
    return {
        store.stem: text for store in STORES.glob("*.toml") if (text := _with_line(store, table, key, line))
    }


def _with_line(store: Path, table: str, key: str, line: str) -> str | None:
    """The store's text with this line in the table; None where the store says the key itself."""
    text = store.read_text("utf-8")
    header = f"[{table}]"
    before, found, after = text.partition(f"\n{header}")
    if not found:
        return f"{text}\n{header}\n{line}\n"
    rest, _, following = after.partition("\n")
    own = following.partition("\n[")[0]
    return None if re.search(rf"(?m)^{key}\b", own) else f"{before}\n{header}{rest}\n{line}\n{following}"


def is_refused(mutation: Mutation) -> bool:
    """Whether no store can say so: every store that the value changes is refused."""
    texts = shifted_stores(mutation)
    return bool(texts) and not any(_is_good(each, text) for each, text in texts.items())


def _is_good(name: str, text: str) -> bool:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / f"{name}.toml"
        file.write_text(text, "utf-8")
        copy_texts(STORES, file.parent)
        try:
            load_store(file)
        except StoreFileFaults:
            return False
    return True


class Shelves(AbstractContextManager["Shelves"]):
    """A machine that serves the stores of some shifts. No test of it can see a store that its shift leaves as it is."""

    def __init__(self, shifts: Sequence[Shift]) -> None:
        self._place = Path(tempfile.mkdtemp(prefix="jalon-rules-"))
        self._served = self._place / "stores"
        copy_texts(STORES, self._served)
        self._folders: dict[str, Path] = {}
        for shift in shifts:
            good = {
                name: text for name, text in shifted_stores(shift.mutation).items() if _is_good(name, text)
            }
            self._stock(shift.mutation.name, good, shift.copies)
        as_they_are = {file.stem: file.read_text("utf-8") for file in STORES.glob("*.toml")}
        self._stock(AS_THEY_ARE, as_they_are, 2 * len(shifts) + 2)
        self._machine = Machine(self._place / "machine", self._served, ports=free_ports(), durable=False)

    def __enter__(self) -> Shelves:
        try:
            self._machine.__enter__()
        except BaseException:
            shutil.rmtree(self._place)
            raise
        told = Description.of(self._machine).text
        for folder in self._folders.values():
            (folder / "description.json").write_text(told)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._machine.close()
        shutil.rmtree(self._place)

    def first_failed(self, mutation: Mutation, nodes: Sequence[str]) -> tuple[str | None, int]:
        """The first of the tests that fails on the shifted value, and pytest's exit status."""
        return first_failed_in(self._command(mutation.name, "-x", *nodes), ROOT, PLAIN)

    def passing_anyway(self, nodes: Collection[str]) -> set[str]:
        """Those of the tests that pass on the stores as they are. No other one can catch anything."""
        return passed_in(self._command(AS_THEY_ARE, *sorted(nodes)), ROOT, PLAIN) if nodes else set()

    def _command(self, shelf: str, *arguments: str) -> list[str]:
        return [*PYTEST, f"--joined={self._folders[shelf]}", *arguments]

    def _stock(self, name: str, texts: Mapping[str, str], copies: int) -> None:
        number = len(self._folders) + 1
        folder = self._folders[name] = self._place / f"{number}"
        for inside in ("stores", "stores-taken", "shifted"):
            (folder / inside).mkdir(parents=True)
        for store, text in texts.items():
            shifted = folder / "shifted" / f"{store}.toml"
            shifted.write_text(text, "utf-8")
            for store_id in _names(store, number, copies):
                copy = copy_store(shifted, self._served, store_id=store_id, clock="test", starts_at=EARLIEST)
                (folder / "stores" / copy.name).symlink_to(copy)


def _names(store: str, shelf: int, copies: int) -> Iterator[str]:
    """Ids of copies, as the pool of a run gives them: the store and a number."""
    return (f"{store}-{shelf * MOST_COPIES + number}" for number in range(1, copies + 1))
