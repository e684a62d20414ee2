"""`make rules`: shifts what each rule says by one unit, and asks the tests that name the rule. It goes on where a former run stopped."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.rules.mutations import ROOT, Mutation, mutations
from tests.rules.run import Verdict, judge

STATE = ROOT / ".rules.json"
SOURCES = ("jalon", "workflows", "activities", "api", "templates", "stores", "tests")


def main() -> int:
    """Judges every mutation that is not judged yet on this tree. Returns 1 where one survived."""
    asked = _asked()
    tree = _digest()
    known: dict[str, str] = {}
    if STATE.exists() and not asked.fresh:
        kept = json.loads(STATE.read_text("utf-8"))
        known = kept["verdicts"] if kept["tree"] == tree else {}
    wanted = [each for each in mutations() if not asked.rule or set(asked.rule) & set(each.rules)]
    todo = [each for each in wanted if each.name not in known]
    with ThreadPoolExecutor(asked.jobs) as pool, tempfile.TemporaryDirectory(prefix="jalon-rules-") as place:
        under_way = {pool.submit(_judged, each, Path(place)): each for each in todo}
        for count, done in enumerate(as_completed(under_way), 1):
            mutation = under_way[done]
            known[mutation.name] = done.result()
            STATE.write_text(json.dumps({"tree": tree, "verdicts": known}), "utf-8")
            if not asked.json:
                print(f"{count} of {len(todo)}: {known[mutation.name]}: {mutation.name}", flush=True)
    return _report(wanted, known, asked.json)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make rules", description=__doc__)
    parser.add_argument("--rule", action="append", help="only this rule; may be given again")
    parser.add_argument("--jobs", type=int, default=2, help="mutations at once (%(default)s)")
    parser.add_argument("--fresh", action="store_true", help="forget what a former run found")
    parser.add_argument("--json", action="store_true", help="print one object")
    return parser.parse_args()


def _digest() -> str:
    """A digest of the sources: what a former run found holds for the same tree only."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _judged(mutation: Mutation, place: Path) -> str:
    with tempfile.TemporaryDirectory(dir=place) as own:
        return judge(mutation, Path(own)).value


def _report(wanted: list[Mutation], known: dict[str, str], as_json: bool) -> int:
    caught = [each for each in wanted if known[each.name] == Verdict.CAUGHT]
    open_ = [each for each in wanted if known[each.name] != Verdict.CAUGHT]
    unproved = sorted({rule for each in open_ for rule in each.rules})
    if as_json:
        told = {"ok": not open_, "mutations": len(wanted), "caught": len(caught), "unproved": unproved}
        print(json.dumps(told))
        return 0 if not open_ else 1
    table = Table("mutation", "rules", "verdict", box=None, header_style="dim")
    for each in open_:
        table.add_row(each.name, " ".join(each.rules), known[each.name])
    Console().print(table)
    print(f"{len(caught)} of {len(wanted)} mutations caught; unproved: {' '.join(unproved) or 'none'}")
    return 0 if not open_ else 1


if __name__ == "__main__":
    sys.exit(main())
