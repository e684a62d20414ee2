"""Draws a timeline as a jalon: a pole with a band for each milestone, red and white in turn, its date beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import cycle
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

REACHED, AWAITED, HELD, BETWEEN = "██", "┆┆", "▞▞", "│ "
BANDS = ("red", "white")
MOVES_NO_MONEY = ("mandate_", "release_", "give_up_")
"""How the events of an authority to collect begin: its amount is one that may be charged later."""


def draw(timeline: Mapping[str, Any]) -> RenderableType:
    """The timeline of the API as bands: filled where reached, hatched where held, hollow where awaited.

    Payments and mails stand between the bands. Instants are shown as they come, in the store's zone.
    """
    grid = Table.grid(padding=(0, 1))
    for overflow in ("ellipsis", "ellipsis", "fold", "fold"):
        grid.add_column(overflow=overflow)
    bands = cycle(BANDS)
    for each in timeline.get("timeline") or ():
        milestone = each.get("kind", "event") == "event"
        mark = Text(REACHED, style=next(bands)) if milestone else Text(BETWEEN, style="dim")
        grid.add_row(mark, _instant(each["at"]), Text(_event(each)), _rule(each))
    for parked in timeline.get("parked") or ():
        how = "stalled" if parked.get("stalled") else "parked"
        step, cause = Text(_words(parked["step"])), Text(parked["cause"], style="dim")
        grid.add_row(Text(HELD, style="red"), how, step, cause)
    for entry in timeline.get("agenda") or ():
        mark = Text(HELD, style="red") if entry.get("held") else Text(AWAITED, style="dim")
        grid.add_row(mark, _instant(entry["due_at"]), Text(_words(entry["what"])), _rule(entry))
    return Group(_title(timeline), *_buyer(timeline), *_subscriptions(timeline), grid, *_waiting(timeline))


def _title(timeline: Mapping[str, Any]) -> Text:
    parts = (timeline.get("number"), timeline.get("id"), timeline.get("standing") or timeline.get("status"))
    return Text("  ".join(filter(None, parts)), style="bold")


def _buyer(timeline: Mapping[str, Any]) -> Iterable[Text]:
    if buyer := timeline.get("buyer"):
        named = (buyer.get("name"), buyer.get("company"), buyer.get("email"))
        yield Text(" · ".join(filter(None, named)) or "the buyer was erased")


def _subscriptions(timeline: Mapping[str, Any]) -> Iterable[Text]:
    """A line for each subscription of an order: the order may be completed while one of them is past due."""
    for each in timeline.get("subscriptions") or ():
        standing = Text(each["standing"], style="red" if each["standing"] == "past_due" else "")
        yield Text("  ").join((Text(each["id"]), Text(f"{each['product']} × {each['quantity']}"), standing))


def _waiting(timeline: Mapping[str, Any]) -> Iterable[Text]:
    if waits_for := timeline.get("waits_for"):
        yield Text(f"waits for {waits_for}", style="italic")


def _instant(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"


def _event(each: Mapping[str, Any]) -> str:
    data = each.get("data") or {}
    moves = not each["event"].startswith(MOVES_NO_MONEY)
    amount = " ".join((data.get("amount") or {}).values()) if moves else ""
    return " ".join(filter(None, (_words(each["event"]), _words(data.get("template") or ""), amount)))


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")


def _rule(entry: Mapping[str, Any]) -> Text:
    return Text(entry.get("rule") or "", style="dim")
