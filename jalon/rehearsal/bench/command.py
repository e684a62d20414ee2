"""The command line of the benchmark."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.markup import escape

from jalon.rehearsal.bench.play import Plan, play
from jalon.rehearsal.bench.stage import staged
from jalon.rehearsal.bench.table import table
from jalon.rehearsal.options import Program

DISAGREED = 1


def run(argv: Sequence[str]) -> int:
    """Measures and prints. Returns 1 when the ways did not leave the same rows, mails and charges."""
    options = _parser().parse_args(argv)
    plan = Plan(
        options.orders, options.concurrency, options.rounds, options.seconds, renewal=not options.no_renewal
    )
    progress = Console(stderr=True, quiet=options.json and not sys.stderr.isatty())

    def report(line: str) -> None:
        progress.print(f"[dim]·[/dim] {escape(line)}", highlight=False)

    load = os.getloadavg()[0]
    with staged(report) as stage:
        figures = uvloop.run(play(stage, plan, report))
    found = {**figures.as_dict(), "processors": os.cpu_count(), "load_before": round(load, 1)}
    _show(found, options.json, options.out)
    return 0 if figures.agreement.ok else DISAGREED


def _show(found: dict[str, Any], as_json: bool, out: Path | None) -> None:
    text = json.dumps(found, indent=2)
    if as_json:
        sys.stdout.write(text + "\n")
    else:
        Console().print(table(found))
    if out is not None:
        console = Console(record=True, file=StringIO(), width=100)
        console.print(table(found))
        out.write_text(f"{console.export_text()}\n{text}\n")


def _parser() -> Program:
    defaults = Plan()
    parser = Program(
        "bench", "Orders a second from cart to active, beside the same steps written the plain way."
    )
    parser.add_argument(
        "--orders", type=int, metavar="NUMBER", default=defaults.orders, help="Orders of each way."
    )
    parser.add_argument(
        "--concurrency", type=int, metavar="NUMBER", default=defaults.concurrency, help="Orders at a time."
    )
    parser.add_argument(
        "--rounds", type=int, metavar="NUMBER", default=defaults.rounds, help="Turns that the ways take."
    )
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="SECONDS",
        default=defaults.seconds,
        help="No round begins after so long.",
    )
    parser.add_argument("--no-renewal", action="store_true", help="Do not wait for a renewal term (40 s).")
    parser.add_argument("--json", action="store_true", help="Print one JSON object and nothing else.")
    parser.add_argument("--out", type=Path, metavar="FILE", help="Write table and JSON into this file too.")
    return parser
