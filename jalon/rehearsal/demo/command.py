"""The command: starts the machine in a temporary folder, runs the orders side by side, and reports their results."""

from __future__ import annotations

import argparse
import json
import queue
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.live import Live
from rich.markup import escape

from jalon.client.shapes import Store
from jalon.client.stores import list_stores
from jalon.client.sync import Client
from jalon.integrations.payments.registry import PROVIDERS
from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.storefolder import copy_store, copy_texts
from jalon.policy.authoring.loader import load_stores
from jalon.rehearsal.demo import terminal
from jalon.rehearsal.demo.contacts import Contacts
from jalon.rehearsal.demo.journey import Journey, Progress
from jalon.rehearsal.demo.report import Report, travel
from jalon.rehearsal.options import Program
from jalon.settings import ROOT

SIDE_BY_SIDE = 8
LANGUAGES = ("fr", "en")
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Outcome:
    """The reports of all stores, and the seconds since the start of the machine."""

    reports: list[Report]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every order reached its second renewal."""
        return all(report.trouble is None for report in self.reports)

    def as_json(self) -> str:
        """The JSON object of `jalon demo --json`."""
        stores = [report.as_json() for report in self.reports]
        return json.dumps(
            {"ok": self.ok, "seconds": round(self.seconds, 1), "stores": stores}, ensure_ascii=False
        )


def main(argv: Sequence[str]) -> int:
    """Runs the demo. Returns 0 only if every store's order reached its second renewal."""
    options = _options(argv)
    console = Console(stderr=options.json, highlight=False)
    signal.signal(signal.SIGTERM, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="jalon-demo-"))
    try:
        outcome = _run(options.stores, folder, console)
    except KeyboardInterrupt:
        console.print("stopped, nothing is left running")
        shutil.rmtree(folder, ignore_errors=True)
        return INTERRUPTED
    except BaseException:
        console.print(f"the logs are kept in {folder / 'logs'}", markup=False)
        raise
    return finish(outcome, folder, console, as_json=options.json)


def finish(outcome: Outcome, folder: Path, console: Console, *, as_json: bool) -> int:
    """Reports the outcome, and removes the folder if every order reached its second renewal. Returns 0 then, else 1."""
    if outcome.ok:
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        print(outcome.as_json())  # noqa: T201
    else:
        console.print("", *(terminal.standing(report) for report in outcome.reports), sep="\n")
    console.print(terminal.summary(outcome.reports, outcome.seconds))
    for report in outcome.reports:
        if report.trouble:
            console.print(f"{report.store}: {report.trouble}", style="red", markup=False)
    if not outcome.ok:
        console.print(f"everything is kept in {folder}, its logs in {folder / 'logs'}", markup=False)
    return 0 if outcome.ok else 1


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = Program(
        "demo",
        "One order in each store, from cart to its second renewal, through HTTP alone, on test clocks.",
    )
    parser.add_argument(
        "--stores", type=_folder, default=ROOT / "stores", metavar="FOLDER", help="Folder of store files."
    )
    parser.add_argument("--json", action="store_true", help="Print one object and nothing else.")
    return parser.parse_args(argv)


def _folder(text: str) -> Path:
    folder = Path(text)
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no folder")
    return folder


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(stores: Path, folder: Path, console: Console) -> Outcome:
    began = time.monotonic()
    load_stores(stores, PROVIDERS.keys())
    served = _on_test_clocks(stores, folder / "stores")
    with Machine(
        folder,
        served,
        ports=free_ports(),
        durable=False,
        report=lambda said: console.print(f"[dim]·[/dim] {escape(said)}"),
    ) as machine:
        console.print("")
        reports = _travel_all(machine.urls, machine.keys, console)
    return Outcome(reports, time.monotonic() - began)


def _on_test_clocks(source: Path, target: Path) -> Path:
    """Copies of the stores on test clocks, whatever clock their files name."""
    copy_texts(source, target)
    for file in sorted(source.glob("*.toml")):
        copy_store(file, target, clock="test")
    return target


def _travel_all(urls: Mapping[str, str], keys: Mapping[str, str], console: Console) -> list[Report]:
    seen: queue.SimpleQueue[Progress] = queue.SimpleQueue()
    with Client(urls["api"], keys["storefront"]) as asking:
        stores = asking.send(list_stores())["data"]

    def go(told: Store, language: str) -> Report:
        contacts = Contacts(urls, keys)
        try:
            return travel(Journey(contacts, told, language, seen.put))
        finally:
            contacts.close()

    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as together:
        travels = [
            together.submit(go, told, LANGUAGES[number % len(LANGUAGES)])
            for number, told in enumerate(stores)
        ]
        _show(dict.fromkeys(told["id"] for told in stores), seen, travels, console)
    return [each.result() for each in travels]


def _show(
    progresses: dict[str, Progress | None],
    seen: queue.SimpleQueue[Progress],
    travels: Sequence[Future[Report]],
    console: Console,
) -> None:
    """Shows progress as it arrives, until all orders have ended."""
    if not console.is_terminal:
        _follow(seen, travels, lambda progress: console.print(terminal.line(progress), markup=False))
        return
    with Live(terminal.growing(progresses), console=console, refresh_per_second=10) as live:

        def redraw(progress: Progress) -> None:
            progresses[progress.store] = progress
            live.update(terminal.growing(progresses))

        _follow(seen, travels, redraw)


def _follow(
    seen: queue.SimpleQueue[Progress], travels: Sequence[Future[Report]], show: Callable[[Progress], None]
) -> None:
    while True:
        over = all(each.done() for each in travels)
        try:
            show(seen.get(timeout=0.1))
        except queue.Empty:
            if over:
                return
