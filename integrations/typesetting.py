"""How pages and documents are set: one environment, with dates, money and durations in the reader's language."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from domain.durations import Duration
from domain.money import Money
from integrations.mail.parts import HTML


def environment(templates: Path) -> Environment:
    """Renders what people read in their language: pages and documents; undefined facts are faults."""
    typeset = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    typeset.filters |= {
        "until": _until, "day": _day, "money": _money, "count": _count, "duration": _duration,
        "strong": HTML.strong, "contact": HTML.contact,
    }  # fmt: skip
    typeset.tests["instantaneous"] = lambda text: Duration.parse(text).count == 0
    return typeset


@pass_context
def _until(context: Context, closes_at: datetime) -> str:
    return str(context["fmt"].until(closes_at))


@pass_context
def _day(context: Context, instant: datetime) -> str:
    return str(context["fmt"].day(instant))


@pass_context
def _money(context: Context, amount: Money) -> str:
    return str(context["fmt"].money(amount))


@pass_context
def _count(context: Context, number: int, one: str, other: str) -> str:
    return str(context["fmt"].count(number, one, other))


@pass_context
def _duration(context: Context, text: str) -> str:
    return str(context["fmt"].duration(text))
