"""The command line of `jalon bench search`."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import uvloop
from rich.console import Console
from rich.table import Table

from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.local.keyring import read_or_make
from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.postgres import DATABASE, SUPERUSER
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions
from jalon.rehearsal.bench.searches.customers import Customers
from jalon.rehearsal.bench.searches.filling import fill
from jalon.rehearsal.bench.searches.measuring import LIMIT_MS, Timed, ask_all, percentile
from jalon.rehearsal.bench.searches.mix import Asked, mix
from jalon.rehearsal.bench.searches.pages import LIMIT_MS as PAGE_LIMIT_MS
from jalon.rehearsal.bench.searches.pages import MASTER, PERSON_KEYS, Pages, ask_pages, write_stores
from jalon.rehearsal.bench.searches.pages import WARMING as PAGES_WARMING

SLOW, UNSEEN = 1, 1
WARMING = 8
"""An eighth of the queries of each class comes first and is not counted."""
PROGRAMS = ("postgres", "temporal", "api")
VAULT = Vault(MASTER)
_SIZES = """select (select count(*) from search_text), (select count(*) from entity where kind = 'order'),
    (select count(*) from timeline), pg_total_relation_size('search_text') / 1048576, pg_database_size(current_database()) / 1048576"""


def run(argv: Sequence[str]) -> int:
    """Fills a temporary database, asks the mix and prints. Returns 1 where the 99th percentile is over LIMIT_MS, or an order is unseen."""
    options = _parser().parse_args(argv)
    progress = Console(stderr=True, quiet=options.json and not sys.stderr.isatty())

    def report(line: str) -> None:
        progress.print(f"[dim]·[/dim] {line}", highlight=False, markup=True)

    load = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = options.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="jalon-bench-"))
        )
        found = _measured(folder, options, report)
    found |= {"processors": os.cpu_count(), "load_before": round(load, 1)}
    if options.json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        Console().print(table(found))
    if options.out is not None:
        options.out.write_text(json.dumps(found, indent=2) + "\n")
    return 0 if found["ok"] else SLOW


def _measured(folder: Path, options: argparse.Namespace, report: Callable[[str], None]) -> dict[str, Any]:
    ports = free_ports()
    stores, filled = folder / "stores", folder / "filled.json"
    stores.mkdir(parents=True, exist_ok=True)
    write_stores(stores)
    folder.chmod(0o755)
    given = {"JALON_PERSON_KEYS": PERSON_KEYS}
    with Machine(
        folder, stores, ports=ports, given=given, durable=False, programs=PROGRAMS, report=report
    ) as machine:
        secret = read_or_make(folder).passwords.superuser
        where = (
            f"host=127.0.0.1 port={ports['postgres']} dbname={DATABASE} user={SUPERUSER} password={secret}"
        )
        began = time.monotonic()
        customers = Customers(options.orders, options.seed)
        report("making people")
        people = list(customers.people())
        with psycopg.connect(where, autocommit=True) as connection:
            if not filled.exists():
                fill(connection, customers, people, VAULT, report)
                filled.write_text(json.dumps({"seconds": round(time.monotonic() - began)}))
            sizes = connection.execute(_SIZES).fetchone() or ()
        report("asking")
        sales = list(customers.sales(people))
        asked = mix(sales, people, options.each + options.each // WARMING, options.seed)
        # A process of the API holds no million people, through which its collector of garbage would go.
        gc.collect()
        gc.freeze()
        timed = uvloop.run(_asked(machine.environment["JALON_DATABASE_URL"], asked))
        report("asking for pages")
        shown = Random(f"{options.seed} pages").sample(sales, min(len(sales), options.each + PAGES_WARMING))
        lines = [each.subscription for each in shown if each.subscription]
        pages = [
            ask_pages(machine, ORDER, [each.order for each in shown]),
            ask_pages(machine, SUBSCRIPTION, lines),
        ]
    rows, orders, timeline, text_mb, database_mb = sizes
    return {
        **_figures(timed, pages), "search_rows": rows, "orders": orders, "timeline_rows": timeline, "search_text_mb": int(text_mb),
        "database_mb": int(database_mb), "fill_seconds": json.loads(filled.read_text())["seconds"],
    }  # fmt: skip


async def _asked(url: str, asked: Mapping[str, Sequence[Asked]]) -> list[Timed]:
    sessions = Sessions.connect(url, pool_size=1)
    try:
        parties = Parties(VAULT)
        warming = max(map(len, asked.values())) // (WARMING + 1)
        await ask_all(sessions, parties, {name: queries[:warming] for name, queries in asked.items()})
        return await ask_all(sessions, parties, {name: queries[warming:] for name, queries in asked.items()})
    finally:
        await sessions.close()


def _figures(timed: Sequence[Timed], pages: Sequence[Pages]) -> dict[str, Any]:
    every = [each for kind in timed for each in kind.times]
    worked = [each for kind in timed for each in kind.processor]
    p99, unseen = percentile(every, 99), sum(kind.unseen for kind in timed)
    return {
        "ok": p99 <= LIMIT_MS
        and unseen == 0
        and all(percentile(each.times, 99) <= PAGE_LIMIT_MS for each in pages),
        "search_p99_ms": round(p99, 1),
        "search_p50_ms": round(percentile(every, 50), 1),
        "search_max_ms": round(max(every), 1),
        "search_processor_p50_ms": round(percentile(worked, 50), 1),
        "search_processor_p99_ms": round(percentile(worked, 99), 1),
        "limit_ms": LIMIT_MS,
        "unseen": unseen,
        "classes": [_class(kind) for kind in timed],
        "page_limit_ms": PAGE_LIMIT_MS,
        "pages": [{"name": each.name, "pages": len(each.times), **_times(each)} for each in pages],
    }


def _class(kind: Timed) -> dict[str, Any]:
    counted = {"empty": kind.empty, "unseen": kind.unseen}
    return {"name": kind.name, "queries": len(kind.times), **_times(kind), **counted}


def _times(timed: Timed | Pages) -> dict[str, float]:
    return {
        "p50_ms": round(percentile(timed.times, 50), 1),
        "p95_ms": round(percentile(timed.times, 95), 1),
        "p99_ms": round(percentile(timed.times, 99), 1),
        "processor_p50_ms": round(percentile(timed.processor, 50), 1),
        "processor_p99_ms": round(percentile(timed.processor, 99), 1),
    }


def table(found: dict[str, Any]) -> Table:
    """The figures for people."""
    title = (
        f"search: {found['orders']:,} orders, {found['search_rows']:,} texts, {found['timeline_rows']:,} timeline rows; "
        f"p99 {found['search_p99_ms']} ms of {found['limit_ms']:g}"
    )
    grid = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for column in ("", "queries", "p50 ms", "p95 ms", "p99 ms", "processor p50", "p99", "empty", "unseen"):
        grid.add_column(column, justify="left" if not column else "right")
    for kind in found["classes"]:
        grid.add_row(*(str(value) for value in kind.values()))
    for page in found["pages"]:
        grid.add_row(
            f"page of {'an order' if page['name'] == 'order' else 'a subscription'}",
            *(str(value) for value in list(page.values())[1:]),
        )
    return grid


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jalon bench search",
        description="How long support's search takes in a database of so many orders, on a temporary server.",
    )
    parser.add_argument("--orders", type=int, default=1_000_000, help="orders in the database")
    parser.add_argument("--each", type=int, default=300, help="queries of each class that are counted")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other people and queries")
    parser.add_argument("--folder", type=Path, help="keeps the database there, to be asked again")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--out", type=Path, help="write the JSON into this file too")
    return parser
