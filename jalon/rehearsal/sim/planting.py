"""Plants a fault: imports modules with a changed line, in this process only. No file is changed.

A process that has imported nothing of the product plants one fault after the other, each in a fork of its own.
"""

from __future__ import annotations

import gc
import importlib.util
import multiprocessing
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import ParamSpec, TypeVar

from jalon.rehearsal.sim.edits import Edit

ROOT = Path(__file__).parents[3]
LIBRARIES = (
    "babel.dates",
    "cryptography.hazmat.primitives.ciphers.aead",
    "css_inline",
    "httpx",
    "jinja2",
    "psycopg",
    "pydantic",
    "rapidfuzz.distance",
    "sqlalchemy.ext.asyncio",
    "structlog",
    "temporalio.client",
    "temporalio.worker",
)
"""The libraries that take longest to import. None of them imports the product, so no fault can be planted in them."""
OBJECTS_BETWEEN_COLLECTIONS = 20_000

P = ParamSpec("P")
T = TypeVar("T")


class _Edited(SourceFileLoader):
    """Compiles a file's source after its edits, without reading or writing cached code."""

    def __init__(self, name: str, path: str, edits: Sequence[Edit]) -> None:
        super().__init__(name, path)
        self._edits = edits

    def get_code(self, fullname: str) -> CodeType:
        """The code of the file's source after its edits."""
        source = Path(self.path).read_text(encoding="utf-8")
        for edit in self._edits:
            source = edit.apply(source)
        return compile(source, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    """Finds the modules in which a fault is planted."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits: dict[str, list[Edit]] = {}
        for edit in edits:
            self._edits.setdefault(edit.module, []).append(edit)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of the module, if it is one with a fault to plant."""
        edits = self._edits.get(fullname)
        if edits is None:
            return None
        file = str(ROOT / edits[0].file)
        return importlib.util.spec_from_file_location(fullname, file, loader=_Edited(fullname, file, edits))


def plant(edits: Sequence[Edit]) -> None:
    """Makes later imports of the edits' modules contain the fault. Raises LookupError where one is already imported."""
    early = [edit.module for edit in edits if edit.module in sys.modules]
    if early:
        raise LookupError(f"already imported: {', '.join(early)}")
    for edit in edits:
        edit.apply((ROOT / edit.file).read_text(encoding="utf-8"))
    sys.meta_path.insert(0, _Finder(edits))


def import_libraries(*more: str) -> None:
    """Imports the libraries of the product and others, and nothing of the product. Forks of this process begin with them.

    The garbage collector leaves what is imported by now alone, and collects rarely while a fork imports the product.
    """
    for name in (*LIBRARIES, *more):
        importlib.import_module(name)
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def in_a_fork(called: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of the call in a fork of this process, so that a fault planted by the call is planted in the fork only.

    Raises what the call raises, and BrokenProcessPool where the fork dies.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as fork:
        return fork.submit(called, *args, **kwargs).result()
