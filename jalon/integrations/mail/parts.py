"""The two parts of an e-mail, HTML and text, rendered from the same template."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from jalon.domain.money import Money
from jalon.integrations.mail.typography import Typesetting

_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_BREAKING_SPACE = re.compile(r"(?:(?![\u00a0\u202f])\s)+")
_LINE_BREAK = re.compile(r"[ \t]*\n[ \t]*")
_JOINERS = "\u200c\u200d"
_BLANK_LINES = re.compile(r"\n{3,}")


def one_line(text: str) -> str:
    """`text` on one line and without control characters, fit for a header or a paragraph. Names of some scripts need the joiners."""
    kept = "".join(char for char in text if char.isprintable() or char.isspace() or char in _JOINERS)
    return _BREAKING_SPACE.sub(" ", kept).strip()


@dataclass(frozen=True, slots=True)
class Form:
    """The settings in which the HTML part and the text part differ."""

    layout: str
    autoescape: bool
    strong: Callable[[str], str]
    contact: Callable[[str], str]
    paragraphs: Callable[[str], str]
    row: Callable[[str, object], str]


class Part:
    """One part's templates, compiled on first use."""

    def __init__(self, form: Form, templates: Path) -> None:
        emails = templates / "emails"
        layout = emails / "_layout" / form.layout
        self._environment = _environment(form, layout, emails)
        self._inliner = _inliner(layout) if form is HTML else None

    def template(self, name: str) -> Template:
        """The template of an e-mail in one language, by its path under `templates/emails`."""
        return self._environment.get_template(name)

    def finish(self, rendered: str) -> str:
        """Post-processes a rendered part: puts styles on every HTML element, removes surplus blank lines from text."""
        if self._inliner is not None:
            return self._inliner(rendered)
        lines = "\n".join(line.rstrip(" ") for line in rendered.strip().splitlines())
        return _BLANK_LINES.sub("\n\n", lines) + "\n"


def _environment(form: Form, layout: Path, emails: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([layout, emails]),
        undefined=StrictUndefined,
        autoescape=form.autoescape,  # noqa: S701 — off for the text part alone
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        extensions=[Typesetting],
    )
    environment.filters |= {
        **WORDING,
        "strong": form.strong, "contact": form.contact, "paragraphs": form.paragraphs, "lines": _lines,
    }  # fmt: skip
    environment.globals["row"] = _row(form)
    return environment


def _row(form: Form) -> Callable[[Context, str, object], str]:
    @pass_context
    def row(context: Context, label: str, value: object) -> str:
        return form.row(label + ("" if form.autoescape else context["words"]["facts"]["colon"]), value)

    return row


@pass_context
def _until(context: Context, closes_at: datetime) -> str:
    return str(context["fmt"].until(closes_at))


@pass_context
def _through(context: Context, closes_at: datetime) -> str:
    return str(context["fmt"].through(closes_at))


@pass_context
def _moment(context: Context, instant: datetime) -> str:
    return str(context["fmt"].moment(instant))


@pass_context
def _day(context: Context, instant: datetime) -> str:
    return str(context["fmt"].day(instant))


@pass_context
def _money(context: Context, amount: Money) -> str:
    return str(context["fmt"].money(amount))


@pass_context
def _count(context: Context, number: int, one: str, other: str) -> str:
    return str(context["fmt"].count(number, one, other))


WORDING = {
    "until": _until, "through": _through, "moment": _moment, "day": _day, "money": _money, "count": _count,
}  # fmt: skip
"""Filters that format instants, money and counts with the `fmt` of the rendering context."""


def _lines(text: str) -> str:
    return "\n".join(filter(None, (line.strip() for line in text.splitlines())))


def _html_paragraphs(body: str) -> str:
    # `body` was rendered with autoescape, so its pieces are marked as safe markup.
    out = Markup()
    for block in _BLANK_LINE.split(body.strip()):
        if block.startswith("- "):
            items = (Markup("<li>{}</li>").format(Markup(item)) for item in _items(block))  # noqa: S704
            out += Markup("<ul>{}</ul>").format(Markup("").join(items))
        elif block:
            out += Markup("<p>{}</p>").format(Markup(block))  # noqa: S704
    return out


def _text_paragraphs(body: str) -> str:
    out: list[str] = []
    for block in filter(None, _BLANK_LINE.split(body.strip())):
        if block.startswith("- "):
            out.append("\n".join(f"- {item}" for item in _items(block)))
        else:
            out.append(_LINE_BREAK.sub(" ", block))
    return "\n\n".join(out)


def _items(block: str) -> list[str]:
    return [item.strip() for item in block.removeprefix("- ").split("\n- ")]


def _inliner(layout: Path) -> Callable[[str], str]:
    screen = (layout / "screen.css").read_text("utf-8")
    inliner = css_inline.CSSInliner(
        extra_css=(layout / "mail.css").read_text("utf-8"), load_remote_stylesheets=False
    )

    def inline(html: str) -> str:
        return inliner.inline(html).replace("</head>", f"<style>{screen}</style></head>", 1)

    return inline


def _contact_link(address: str) -> str:
    href = address if address.startswith("https://") else f"mailto:{address}"
    return Markup('<a href="{}">{}</a>').format(href, address)


def _plain(text: str) -> str:
    return text


HTML: Final = Form(
    layout="html",
    autoescape=True,
    strong=lambda text: Markup("<strong>{}</strong>").format(text),
    contact=_contact_link,
    paragraphs=_html_paragraphs,
    row=lambda label, value: Markup("<tr><th scope=row>{}</th><td>{}</td></tr>").format(label, escape(value)),
)
TEXT: Final = Form(
    layout="text",
    autoescape=False,
    strong=_plain,
    contact=_plain,
    paragraphs=_text_paragraphs,
    # A row ends its line itself: the newline after a block tag is trimmed.
    row=lambda label, value: f"{label}{value}\n",
)
