"""The Jinja environment of pages and documents, with dates, money and durations in the reader's language."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from jalon.domain.calendar.durations import Duration
from jalon.integrations.mail.parts import HTML, WORDING


def environment(templates: Path) -> Environment:
    """The Jinja environment for pages and documents. An undefined fact raises an error."""
    typeset = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    typeset.filters |= {
        **WORDING, "duration": _duration,
        "strong": HTML.strong, "contact": HTML.contact,
    }  # fmt: skip
    typeset.tests["instantaneous"] = lambda text: Duration.parse(text).count == 0
    return typeset


@pass_context
def _duration(context: Context, text: str) -> str:
    return str(context["fmt"].duration(text))
