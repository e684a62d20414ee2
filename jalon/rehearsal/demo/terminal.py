"""The demo on a terminal: poles that grow while the orders run, then each order's pole with its e-mails and charges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from jalon.pole import AWAITED, BANDS, BETWEEN
from jalon.rehearsal.demo.journey import MILESTONES, Progress, tells_something
from jalon.rehearsal.demo.report import Report

_WIDE = 2


def growing(progresses: Mapping[str, Progress | None]) -> RenderableType:
    """One horizontal pole for each store, with a band for each milestone: filled where reached, hollow where awaited."""
    grid = Table.grid(padding=(0, 2))
    for store, progress in progresses.items():
        reached = progress.reached if progress else 0
        pole = Text()
        for number in range(len(MILESTONES)):
            band, style = BANDS[number % 2] if number < reached else (AWAITED, "dim")
            pole.append(band * _WIDE, style)
        where = MILESTONES[reached - 1] if reached else "to begin"
        grid.add_row(
            store,
            pole,
            progress.on if progress else "",
            Text(where, style="bold"),
            Text(progress.text if progress else "", style="dim"),
        )
    return grid


def line(progress: Progress) -> str:
    """Progress as one line, for a terminal where nothing can be redrawn."""
    return f"{progress.store:12} {progress.on:10}  {MILESTONES[progress.reached - 1]}: {progress.text}"


def standing(report: Report) -> RenderableType:
    """The order's timeline as a pole: a band for each event, with the charges and e-mails beside them."""
    grid = Table.grid(padding=(0, 1))
    bands = cycle(BANDS)
    for at, kind, text, note in _merged(report):
        band = Text(*next(bands)) if kind == "event" else Text(BETWEEN, style="dim")
        style = {"event": "", "charge": "bold", "mail": "dim"}[kind]
        grid.add_row(
            band, Text(_local(at, report.zone), style=style), Text(text, style=style), Text(note, style="dim")
        )
    for entry in report.life.get("agenda", ()):
        grid.add_row(
            Text(AWAITED, style="dim"),
            Text(_local(entry["due_at"], report.zone), style="dim"),
            Text(f"to come: {_words(entry['what'])}", style="dim"),
            Text(entry["rule"] or "", style="dim"),
        )
    return Group(_title(report), grid, "")


def _title(report: Report) -> Text:
    title = Text.assemble(
        (report.store, "bold"), "  ", str(report.life.get("number") or ""), "  ", report.order_id or ""
    )
    if report.trouble:
        title.append(f"  did not get there: {report.trouble}", "red")
    return title


def _merged(report: Report) -> Iterable[tuple[datetime, str, str, str]]:
    """Events, charges and e-mails by their instants; at equal instants in this order."""
    events = [each for each in report.life.get("timeline", ()) if tells_something(each)]
    found = [(_at(each["at"]), "event", _words(each["event"]), each["rule"] or "") for each in events]
    found += [
        (_at(each["at"]), "charge", f"{each['amount']} {each['currency']} taken", "")
        for each in report.charges
    ]
    found += [(_at(each["sent_at"]), "mail", f"e-mail: {each['subject']}", "") for each in report.emails]
    ranks = ("event", "charge", "mail")
    return sorted(found, key=lambda each: (each[0].replace(microsecond=0), ranks.index(each[1])))


def summary(reports: Sequence[Report], seconds: float) -> Text:
    """The last line of the output."""
    arrived = sum(report.trouble is None for report in reports)
    mails, charges = (sum(len(getattr(report, each)) for report in reports) for each in ("emails", "charges"))
    text = f"{arrived} of {len(reports)} orders got to their second renewal in {seconds:.0f} s: {charges} charges, {mails} e-mails"
    return Text(text, style="bold" if arrived == len(reports) else "bold red")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _local(at: datetime | str, zone: str) -> str:
    instant: Any = _at(at) if isinstance(at, str) else at
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _words(name: str) -> str:
    return name.replace("_", " ")
