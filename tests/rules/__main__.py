"""`make rules`: shifts what each rule says by one unit, and asks the tests that name the rule. It goes on where a former run stopped."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Mapping, Sequence

import psutil
from rich.console import Console
from rich.table import Table

from jalon.rehearsal.options import Program
from tests.rules.every import mutations, unproved
from tests.rules.judging import Judgement, Tests, Verdict
from tests.rules.ledger import Ledger, record
from tests.rules.mutations import Mutation, Witnesses
from tests.rules.rounds import Rounds
from tests.rules.selection import Candidate, candidates
from tests.rules.trees import passing_anyway


def main() -> int:
    """Judges every mutation that is not judged yet on this tree. Returns 1 where one survived without being listed as unproved."""
    asked = _asked()
    every = mutations()
    wanted = [each for each in every if _is_wanted(each, asked)]
    ledger = Ledger(fresh=asked.fresh)
    todo = [each for each in wanted if each.name not in ledger.judgements]
    began = time.monotonic()
    among = candidates() if todo or asked.record else []
    _judge_all(todo, among, ledger, asked)
    _drop_false_ones([each.name for each in todo], ledger)
    if asked.record:
        record({each.name for each in every}, ledger.judgements, among)
    _say_time(asked, time.monotonic() - began)
    return _report(wanted, ledger, asked.json)


def _asked() -> argparse.Namespace:
    parser = Program("rules", " ".join((__doc__ or "").split()))
    parser.add_argument("--rule", action="append", help="Only mutations of this rule; may be given again.")
    parser.add_argument("--name", help="Only mutations whose name holds this.")
    parser.add_argument("--jobs", type=int, default=2, metavar="NUMBER", help="Mutations at once (2).")
    parser.add_argument("--fresh", action="store_true", help="Forget what a former run found.")
    parser.add_argument("--record", action="store_true", help="Write the witnesses that were found.")
    parser.add_argument("--json", action="store_true", help="Print one JSON object and nothing else.")
    return parser.parse_args()


def _is_wanted(mutation: Mutation, asked: argparse.Namespace) -> bool:
    of_rule = not asked.rule or bool(set(asked.rule) & set(mutation.rules))
    return of_rule and (not asked.name or asked.name in mutation.name)


def _judge_all(
    todo: Sequence[Mutation], among: Sequence[Candidate], ledger: Ledger, asked: argparse.Namespace
) -> None:
    """Judges mutations, some at once, and says each judgement."""
    done = itertools.count(1)

    def settle(mutation: Mutation, judgement: Judgement) -> None:
        ledger.keep(mutation.name, judgement)
        if not asked.json:
            by = f" by {judgement.witness}" if judgement.witness else ""
            print(f"{next(done)} of {len(todo)}: {judgement.verdict}: {mutation.name}{by}", flush=True)

    Rounds(Tests(among, Witnesses.read().all), settle, asked.jobs).judge(todo)


def _drop_false_ones(names: Sequence[str], ledger: Ledger) -> None:
    """A test that fails where nothing is planted has caught nothing."""
    caught = {name: ledger.judgements[name].witness for name in names if ledger.judgements[name].witness}
    sound = passing_anyway(set(caught.values()))
    for name, witness in caught.items():
        if witness not in sound:
            ledger.keep(name, Judgement(Verdict.BROKEN))


def _say_time(asked: argparse.Namespace, seconds: float) -> None:
    used = psutil.Process().cpu_times()
    spent = used.user + used.system + used.children_user + used.children_system
    if not asked.json:
        print(f"{seconds / 60:.1f} minutes, {spent / 60:.1f} minutes of processor time")


def _report(wanted: Sequence[Mutation], ledger: Ledger, as_json: bool) -> int:
    """Prints what was found. Returns the exit status."""
    found = {each.name: ledger.judgements[each.name] for each in wanted}
    caught = [each for each in wanted if found[each.name].verdict is Verdict.CAUGHT]
    refused = [each for each in wanted if found[each.name].verdict is Verdict.REFUSED]
    listed = unproved()
    open_ = [each for each in wanted if each not in caught and each not in refused]
    missed = [each for each in open_ if not set(each.rules) <= set(listed)]
    rules = sorted({rule for each in open_ for rule in each.rules} | set(listed))
    if as_json:
        told = {"ok": not missed, "mutations": len(wanted), "caught": len(caught), "refused": len(refused)}
        print(json.dumps({**told, "unproved": rules}))
        return 0 if not missed else 1
    _print_rules(wanted, found)
    for each in open_:
        print(f"{found[each.name].verdict}: {each.name} ({' '.join(each.rules)})")
    for rule, why in sorted(listed.items()):
        print(f"listed as unproved: {rule}: {why}")
    print(
        f"{len(caught)} of {len(wanted)} mutations caught, {len(refused)} refused by the check of store files"
    )
    return 0 if not missed else 1


def _print_rules(wanted: Sequence[Mutation], found: Mapping[str, Judgement]) -> None:
    """A line for each rule: its mutations, how many were caught, and a test that caught one."""
    table = Table("rule", "mutations", "caught", "by", box=None, header_style="dim")
    for rule in sorted(
        {rule for each in wanted for rule in each.rules}, key=lambda rule: (rule[0], int(rule[1:]))
    ):
        own = [found[each.name] for each in wanted if rule in each.rules]
        tests = [each.witness for each in own if each.witness]
        table.add_row(rule, str(len(own)), str(len(tests)), tests[0].partition("[")[0] if tests else "")
    Console(width=200).print(table)


if __name__ == "__main__":
    sys.exit(main())
