"""The demo on a terminal: poles that grow while the orders travel, then each order's pole with what went out beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from commands.pole import AWAITED, BANDS, BETWEEN, REACHED
from demo.journey import MILESTONES, Sighting, tells_something
from demo.story import Story

_WIDE = 2


def growing(sightings: Mapping[str, Sighting | None]) -> RenderableType:
    """One lying pole a store, a band for each milestone: filled where reached, hollow where awaited."""
    grid = Table.grid(padding=(0, 2))
    for store, sighting in sightings.items():
        reached = sighting.reached if sighting else 0
        pole = Text()
        for number in range(len(MILESTONES)):
            filled = number < reached
            pole.append((REACHED if filled else AWAITED) * _WIDE, BANDS[number % 2] if filled else "dim")
        where = MILESTONES[reached - 1] if reached else "to begin"
        grid.add_row(
            store,
            pole,
            sighting.on if sighting else "",
            Text(where, style="bold"),
            Text(sighting.text if sighting else "", style="dim"),
        )
    return grid


def line(sighting: Sighting) -> str:
    """A sighting as one line, where nothing can be drawn over."""
    return f"{sighting.store:12} {sighting.on:10}  {MILESTONES[sighting.reached - 1]}: {sighting.text}"


def standing(story: Story) -> RenderableType:
    """The order's life as a pole: a band for each event, with the charges and e-mails that went out beside them."""
    grid = Table.grid(padding=(0, 1))
    bands = cycle(BANDS)
    for at, kind, text, note in _merged(story):
        band = Text(REACHED, style=next(bands)) if kind == "event" else Text(BETWEEN, style="dim")
        style = {"event": "", "charge": "bold", "mail": "dim"}[kind]
        grid.add_row(
            band, Text(_local(at, story.zone), style=style), Text(text, style=style), Text(note, style="dim")
        )
    for entry in story.life.get("agenda", ()):
        grid.add_row(
            Text(AWAITED, style="dim"),
            Text(_local(entry["due_at"], story.zone), style="dim"),
            Text(f"to come: {_words(entry['what'])}", style="dim"),
            Text(entry["rule"] or "", style="dim"),
        )
    return Group(_title(story), grid, "")


def _title(story: Story) -> Text:
    title = Text.assemble(
        (story.store, "bold"), "  ", str(story.life.get("number") or ""), "  ", story.order_id or ""
    )
    if story.trouble:
        title.append(f"  did not get there: {story.trouble}", "red")
    return title


def _merged(story: Story) -> Iterable[tuple[datetime, str, str, str]]:
    """Events, charges and e-mails by their instants; at one instant in this order."""
    events = [each for each in story.life.get("timeline", ()) if tells_something(each)]
    found = [(_at(each["at"]), "event", _words(each["event"]), each["rule"] or "") for each in events]
    found += [
        (_at(each["at"]), "charge", f"{each['amount']} {each['currency']} taken", "")
        for each in story.charges
    ]
    found += [(_at(each["sent_at"]), "mail", f"e-mail: {each['subject']}", "") for each in story.emails]
    ranks = ("event", "charge", "mail")
    return sorted(found, key=lambda each: (each[0].replace(microsecond=0), ranks.index(each[1])))


def summary(stories: Sequence[Story], seconds: float) -> Text:
    """The last line."""
    arrived = sum(story.trouble is None for story in stories)
    mails, charges = (sum(len(getattr(story, each)) for story in stories) for each in ("emails", "charges"))
    text = f"{arrived} of {len(stories)} orders got to their second renewal in {seconds:.0f} s: {charges} charges, {mails} e-mails"
    return Text(text, style="bold" if arrived == len(stories) else "bold red")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _local(at: datetime | str, zone: str) -> str:
    instant: Any = _at(at) if isinstance(at, str) else at
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _words(name: str) -> str:
    return name.replace("_", " ")
