"""What former runs found, for the tree as it is, and the witnesses that they recorded."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Collection, Mapping, Sequence

from tests.rules.judging import Judgement, Verdict
from tests.rules.mutations import ROOT, WITNESSES, Witnesses
from tests.rules.selection import Candidate, Cost

STATE = ROOT / ".rules.json"
SOURCES = ("jalon", "workflows", "activities", "api", "templates", "stores", "tests")


class Ledger:
    """The judgements on this tree, kept in a file after each, so that a run goes on where the last one stopped."""

    def __init__(self, *, fresh: bool = False) -> None:
        self._tree = _digest()
        self._lock = threading.Lock()
        self.judgements: dict[str, Judgement] = {}
        if STATE.exists() and not fresh:
            kept = json.loads(STATE.read_text("utf-8"))
            if kept["tree"] == self._tree:
                told = kept["judgements"].items()
                self.judgements = {name: Judgement(Verdict(verdict), test) for name, (verdict, test) in told}

    def keep(self, name: str, judgement: Judgement) -> None:
        """Keeps a judgement."""
        with self._lock:
            self.judgements[name] = judgement
            told = {each: (found.verdict, found.witness) for each, found in self.judgements.items()}
            STATE.write_text(json.dumps({"tree": self._tree, "judgements": told}), "utf-8")


def record(there: Collection[str], judgements: Mapping[str, Judgement], among: Sequence[Candidate]) -> None:
    """Writes the witness of each mutation that was caught, and keeps those of mutations that were not asked about."""
    found = {name: each.witness for name, each in judgements.items() if each.witness}
    known = {name: test for name, test in (Witnesses.read().all | found).items() if name in there}
    cheap = {each.node for each in among if each.cost is Cost.IN_PROCESS}
    Witnesses(
        {name: test for name, test in known.items() if test in cheap},
        {name: test for name, test in known.items() if test not in cheap},
    ).write()


def _digest() -> str:
    """A digest of the sources: what a former run found holds for the same tree only."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and file != WITNESSES and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
