"""Draws a timeline as a jalon: a pole with a band for each milestone, red and white in turn, its date beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

REACHED, AGAIN, AWAITED, HELD, BETWEEN = "██", "▓▓", "┆┆", "▞▞", "│ "
BANDS = ((REACHED, "red"), (AGAIN, "white"))
"""The reached bands in turn, each with its colour; they differ without colour, too."""
MOVES_NO_MONEY = ("mandate_", "release_", "give_up_")
"""How the events of an authority to collect begin: its amount is one that may be charged later."""


def draw(timeline: Mapping[str, Any]) -> RenderableType:
    """The timeline of the API as bands: filled where reached, hatched where held, hollow where awaited.

    Payments and mails stand between the bands. Instants are shown as they come, in the store's zone.
    """
    grid = Table.grid(padding=(0, 1))
    for overflow in ("ellipsis", "ellipsis", "fold", "fold", "fold"):
        grid.add_column(overflow=overflow)
    bands = cycle(BANDS)
    for each in timeline.get("timeline") or ():
        milestone = each.get("kind", "event") == "event"
        mark = Text(*next(bands)) if milestone else Text(BETWEEN, style="dim")
        grid.add_row(mark, instant(each["at"]), Text(_event(each)), _rule(each), Text(_actor(each), "dim"))
    for parked in timeline.get("parked") or ():
        how = "stalled" if parked.get("stalled") else "parked"
        grid.add_row(Text(HELD, style="red"), how, Text(words(parked["step"])))
    for entry in timeline.get("agenda") or ():
        mark = Text(HELD, style="red") if entry.get("held") else Text(AWAITED, style="dim")
        grid.add_row(mark, instant(entry["due_at"]), Text(words(entry["what"])), _rule(entry))
    return grid


def _actor(each: Mapping[str, Any]) -> str:
    """Who acted where it was a member of staff: the others are known by an id."""
    actor = each.get("actor") or ""
    return "" if actor == "system" or actor.startswith("pty_") else actor


def instant(text: str, zone: str | None = None) -> str:
    """The instant for a person, in this zone, or in the one in which it was given."""
    at = datetime.fromisoformat(text)
    return f"{at if zone is None else at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _event(each: Mapping[str, Any]) -> str:
    data = each.get("data") or {}
    moves = not each["event"].startswith(MOVES_NO_MONEY)
    amount = " ".join((data.get("amount") or {}).values()) if moves else ""
    return " ".join(filter(None, (words(each["event"]), words(data.get("template") or ""), amount)))


def words(name: str) -> str:
    """The name of an event, step or deadline in words."""
    return name.replace("_", " ").replace(".", " ")


def _rule(entry: Mapping[str, Any]) -> Text:
    return Text(entry.get("rule") or "", style="dim")
