"""The command line of the cases: progress, a table, or one JSON object."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jalon.rehearsal.faults.cases import CASES
from jalon.rehearsal.faults.run import Outcome, run_case
from jalon.rehearsal.options import Program

COLUMNS = ("case", "orders", "lost", "charged twice", "mailed twice", "mail repeats", "recovery p99 s", "ok")


def run(argv: Sequence[str]) -> int:
    """Returns 0 when every case is ok, 1 when one is not, 2 for a wrong option."""
    asked = _options().parse_args(argv)
    console = Console(stderr=asked.json, highlight=False)
    chosen = [case for case in CASES if not asked.case or case.id in asked.case]
    outcomes = []
    for case in chosen:
        console.rule(case.id, align="left")
        outcomes.append(
            run_case(case, asked.orders, lambda line: console.print(f"[dim]·[/dim] {escape(line)}"))
        )
        _report(console, outcomes[-1])
    if asked.json:
        sys.stdout.write(json.dumps(as_json(outcomes)) + "\n")
    else:
        console.print(_table(outcomes))
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The JSON object of `jalon faults --json`."""
    names = ("id", "orders", "lost", "charged_twice", "mailed_twice", "mail_repeats", "recovery_p99_s", "ok")
    return {
        "ok": all(outcome.ok for outcome in outcomes),
        "cases": [{name: getattr(outcome, name) for name in names} for outcome in outcomes],
    }


def _options() -> Program:
    parser = Program(
        "faults",
        "kill -9 of each process, and bad days of gateway and mail, in the middle of running orders.",
        "\n".join(f"  {case.id:14} {case.summary}" for case in CASES),
    )
    parser.add_argument(
        "--case",
        action="append",
        metavar="ID",
        choices=[case.id for case in CASES],
        help="Only this one; repeatable.",
    )
    parser.add_argument("--orders", type=int, metavar="NUMBER", default=50, help="Orders of a case (50).")
    parser.add_argument("--json", action="store_true", help="Print one JSON object and nothing else.")
    return parser


def _report(console: Console, outcome: Outcome) -> None:
    for finding in outcome.findings:
        kind = finding.kind.replace("_", " ")
        console.print(f"  [red]{kind}[/red] {escape(f'{finding.entity}: {finding.what}')}")
    word = "[green]ok[/green]" if outcome.ok else "[red]not ok[/red]"
    console.print(f"{word} after {outcome.seconds:.0f} s")


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table()
    for column in COLUMNS:
        table.add_column(column, no_wrap=column == "case")
    for outcome in outcomes:
        recovery = "" if outcome.recovery_p99_s is None else f"{outcome.recovery_p99_s:.1f}"
        counts = (
            outcome.orders,
            outcome.lost,
            outcome.charged_twice,
            outcome.mailed_twice,
            outcome.mail_repeats,
        )
        table.add_row(outcome.id, *map(str, counts), recovery, "yes" if outcome.ok else "[red]no[/red]")
    return table
