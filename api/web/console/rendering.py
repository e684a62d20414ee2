"""The pages of the console, rendered from `templates/console` with its own words, instants, ages and amounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from fastapi.responses import HTMLResponse
from jinja2 import pass_context
from jinja2.runtime import Context
from jinja2_fragments import render_block
from markupsafe import Markup
from starlette.requests import Request

from api.web.console.sections import sections_of
from api.web.console.staff import Staff
from api.web.forms import new_nonce
from jalon.domain.money import Money
from jalon.integrations.mail.formats import Language, formats
from jalon.integrations.mail.words import words
from jalon.integrations.typesetting import environment

CONSOLE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every page of the console: its own files, and nothing in line."""
HEADERS: Final = {
    "Content-Security-Policy": CONSOLE_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Vary": "HX-Request",
}
A_MINUTE: Final = timedelta(minutes=1)
_LOCALES: Final = {"fr": Locale.parse("fr_FR"), "en": Locale.parse("en_GB")}
_PATTERNS: Final = {"fr": "EEE d MMM y 'à' HH:mm", "en": "EEE d MMM y, HH:mm"}


class ConsolePages:
    """Renders the templates of `templates/console`. Safe for concurrent use."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._environment = environment(templates)
        self._environment.filters |= {
            "at": _at,
            "age": _age,
            "left": _left,
            "amount": _amount,
            "lasting": _lasting,
            "told": _told,
            "figure": _figure,
        }

    def render(
        self, name: str, language: Language, facts: Mapping[str, Any], block: str | None = None
    ) -> str:
        """A page, or one block of it."""
        known = {
            "language": language,
            "words": words(self._templates, language, "translations/console"),
            "said": words(self._templates, language, "support"),
            **facts,
        }
        if block is not None:
            return str(render_block(self._environment, f"console/{name}.html.j2", block, known))
        return self._environment.get_template(f"console/{name}.html.j2").render(known)


def show(
    request: Request, staff: Staff, name: str, *, status: int = 200, block: str | None = None, **facts: Any
) -> HTMLResponse:
    """A page for whoever is signed in. With `block`, only that part of it."""
    pages: ConsolePages = request.app.state.console
    text = pages.render(name, staff.language, frame_of(staff, request.url.path) | facts, block)
    return HTMLResponse(text, status, headers=HEADERS)


def show_to_strangers(
    request: Request, name: str, language: Language, status: int = 200, **facts: Any
) -> HTMLResponse:
    """A page for whoever is not signed in."""
    pages: ConsolePages = request.app.state.console
    return HTMLResponse(pages.render(name, language, {"staff": None} | facts), status, headers=HEADERS)


def frame_of(staff: Staff, path: str) -> dict[str, Any]:
    """What the frame of every page shows. `key` is fresh: the form that carries it takes effect once."""
    return {
        "staff": staff,
        "sections": sections_of(staff.role),
        "path": path,
        "key": new_nonce(),
        "query": "",
    }


def wants_part(request: Request) -> bool:
    """Whether the script of a page asks for a part of it."""
    return "hx-request" in request.headers


@lru_cache(maxsize=4096)
def _read(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


@pass_context
def _at(context: Context, instant: str | None) -> Markup:
    """An instant as the API writes it, in the offset that it carries."""
    if instant is None:
        return Markup("–")
    language = context["language"]
    shown = format_datetime(_read(instant), _PATTERNS[language], locale=_LOCALES[language])
    return Markup('<time datetime="{}">{}</time>').format(instant, shown)


@pass_context
def _age(context: Context, since: str, now: str) -> str:
    """How long something has lasted: "3 days". Nothing has lasted less than a minute."""
    return _span(context["language"], max(_read(now) - _read(since), A_MINUTE), add_direction=False)


@pass_context
def _left(context: Context, until: str, now: str) -> str:
    """How far an instant is: "in 6 days", "2 hours ago"."""
    return _span(context["language"], _read(until) - _read(now), add_direction=True)


@pass_context
def _lasting(context: Context, seconds: float) -> str:
    """How far an instant is that is so many seconds ahead."""
    return _span(context["language"], timedelta(seconds=seconds), add_direction=True)


@pass_context
def _figure(context: Context, number: int) -> str:
    """A count with its thousands set apart."""
    return str(format_decimal(number, locale=_LOCALES[context["language"]]))


def _told(value: object) -> str:
    """A fact of a record as text: lists and objects in one line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_told(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_told, value))
    return str(value)


def _span(language: Language, span: timedelta, *, add_direction: bool) -> str:
    # Two of a unit at least, so that 47 hours are not told as two days.
    shown = format_timedelta(
        span, granularity="minute", threshold=2, add_direction=add_direction, locale=_LOCALES[language]
    )
    return str(shown)


@pass_context
def _amount(context: Context, money: Mapping[str, str]) -> str:
    """Money as the API writes it."""
    return formats(context["language"], "UTC").money(Money(Decimal(money["amount"]), money["currency"]))
