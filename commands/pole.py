"""A life drawn as a jalon: a pole with a band per milestone, red and white in turn, its date beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

REACHED, AWAITED, HELD = "██", "┆┆", "▞▞"
BANDS = ("red", "white")


def draw(timeline: Mapping[str, Any]) -> RenderableType:
    """The timeline of the API as bands: filled where reached, hatched where held, hollow where awaited."""
    zone = ZoneInfo(timeline.get("zone") or "UTC")
    grid = Table.grid(padding=(0, 1))
    events = timeline.get("timeline") or ()
    for number, event in enumerate(events):
        band = Text(REACHED, style=BANDS[number % 2])
        grid.add_row(band, _instant(event["at"], zone), _words(event["event"]), _rule(event))
    for entry in timeline.get("parked") or ():
        why = entry.get("error") or entry.get("cause") or ""
        grid.add_row(Text(HELD, style="red"), "parked", _words(entry["step"]), Text(str(why), style="dim"))
    for entry in timeline.get("agenda") or ():
        grid.add_row(
            Text(AWAITED, style="dim"), _instant(entry["due_at"], zone), _words(entry["what"]), _rule(entry)
        )
    return Group(_title(timeline), grid, *_waiting(timeline.get("waits_for")))


def _title(timeline: Mapping[str, Any]) -> Text:
    parts = (str(timeline.get(key) or "") for key in ("number", "id", "status"))
    return Text("  ".join(filter(None, parts)), style="bold")


def _waiting(waits_for: str | Sequence[Any] | None) -> Iterable[Text]:
    if not waits_for:
        return ()
    causes = [waits_for] if isinstance(waits_for, str) else [_cause(entry) for entry in waits_for]
    return (Text("waits for " + ", ".join(causes), style="italic"),)


def _cause(entry: Any) -> str:
    return _words(str(entry.get("what") if isinstance(entry, Mapping) else entry))


def _instant(text: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M}"


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")


def _rule(entry: Mapping[str, Any]) -> Text:
    return Text(entry.get("rule") or "", style="dim")
