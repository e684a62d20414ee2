"""Plants a fault: imports modules with a changed line, in this process only. No file is changed.

`python -m jalon.rehearsal.sim.planting FAULT [--twin] MODULE ARGUMENTS…` runs a module with the fault planted.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from jalon.rehearsal.sim.edits import Edit

ROOT = Path(__file__).parents[3]


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


def main(argv: Sequence[str]) -> None:
    """Plants the named fault, or with `--twin` its twin in the modelled part's original, and runs a module."""
    from jalon.rehearsal.sim.planted import PLANTED  # noqa: PLC0415 (nothing of the product may be imported before the fault is in)

    name, *rest = argv
    fault = next(each for each in PLANTED if each.name == name)
    edits = fault.twin if rest[0] == "--twin" else fault.edits
    module, *arguments = rest[1:] if rest[0] == "--twin" else rest
    plant(edits)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
