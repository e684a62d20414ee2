"""What an order or subscription stands at, for the terminal: its status, its buyer, what it buys, what it waits for and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from jalon.cli.terminal import Cell, facts
from jalon.pole import instant, words

REMINDERS = frozenset(
    {
        "activation_reminder",
        "cart_reminder",
        "order_news",
        "purge_warning",
        "renewal_notice",
        "seat_loss_warning",
    }
)
"""What an agenda holds that closes nothing: no wait ends by it."""
TROUBLE = frozenset({"past_due", "export_hold", "rejected", "void", "delayed"})


def heading(timeline: Mapping[str, Any], entity: Mapping[str, Any]) -> Iterator[RenderableType]:
    """The lines above a pole, of the timeline of an entity and of the entity itself."""
    yield Text(f"{timeline['number']}  ", "bold").append_text(status(timeline["standing"]))
    yield from facts(_facts(timeline, entity))


def _facts(timeline: Mapping[str, Any], entity: Mapping[str, Any]) -> Iterator[tuple[str, Cell | None]]:
    own = [each for each in timeline["agenda"] if each.get("entity") in (None, timeline["id"])]
    yield timeline["kind"], timeline["id"]
    if entity.get("order_id"):
        yield "order", entity["order_id"]
    yield "store", f"{timeline['store']}, times of {timeline['zone']}"
    yield "buyer", buyer(timeline.get("buyer"))
    yield "product", "; ".join(_lines(entity))
    yield "total", money(entity.get("total") or entity.get("amount"))
    yield "purchase order", entity.get("purchase_order_number")
    yield from _wait(timeline.get("waits_for"), own)
    for each in timeline["parked"]:
        yield "stopped", Text(_stopped(each, timeline["zone"]), "red")
    for each in timeline.get("subscriptions") or ():
        yield from _subscription(each, timeline["agenda"])


def _lines(entity: Mapping[str, Any]) -> Iterator[str]:
    """What is bought: the lines of an order, or the one of a subscription."""
    for each in entity.get("lines") or ([entity] if "sku" in entity else []):
        yield f"{each['quantity']} × {each.get('product') or each['sku']}, {each['term']}"


def _wait(waits_for: str | None, agenda: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Cell | None]]:
    yield "waits for", waits_for
    ends = next((each for each in agenda if each["what"] not in REMINDERS), None)
    if ends is not None:
        yield "until", _entry(ends)
    if agenda and agenda[0] is not ends:
        yield "next", _entry(agenda[0])


def _subscription(
    each: Mapping[str, Any], agenda: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Cell | None]]:
    what = f"  {each['quantity']} × {each['product']}"
    yield "subscription", Text(f"{each['id']}  ").append_text(status(each["standing"])).append(what)
    yield from _wait(each.get("waits_for"), [entry for entry in agenda if entry.get("entity") == each["id"]])


def _entry(entry: Mapping[str, Any]) -> str:
    rule = f", {entry['rule']}" if entry.get("rule") else ""
    held = ", held by the step that stopped" if entry.get("held") else ""
    return f"{instant(entry['due_at'])} ({words(entry['what'])}{rule}{held})"


def _stopped(step: Mapping[str, Any], zone: str) -> str:
    how = "stalled" if step.get("stalled") else "parked"
    why = f"; {step['reason']}" if step.get("reason") else ""
    return f"{step['step']} is {how} since {instant(step['since'], zone)}: {step['cause']}{why}"


def status(standing: str) -> Text:
    """The standing, red where somebody has to look."""
    return Text(standing, "red" if standing in TROUBLE else "")


def buyer(person: Mapping[str, Any] | None) -> str | None:
    """Who buys: name, company and address."""
    if person is None:
        return None
    named = (person.get("name"), person.get("company"), person.get("email"))
    return " · ".join(filter(None, named)) or "the buyer was erased"


def money(amount: Mapping[str, str] | Sequence[Mapping[str, str]] | None) -> str:
    """An amount, or one for each currency; empty where there is none."""
    if not amount:
        return ""
    each = [amount] if isinstance(amount, Mapping) else amount
    return " + ".join(f"{one['amount']} {one['currency']}" for one in each)
