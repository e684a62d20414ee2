"""The pages behind signed links, rendered. No script, one style sheet at `/static/jalon.css`, plain POST forms."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from api.hosted.views import ContractDocument, ContractPage, InvitationPage, MessagePage, PaymentPage
from domain.durations import Duration
from domain.money import Money
from integrations.mail.formats import Language, formats
from integrations.mail.parts import HTML
from integrations.mail.poles import pole
from integrations.mail.words import words

STATIC = "static"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""The Content-Security-Policy of every page but the document."""


class Pages:
    """Renders the templates of `templates/hosted` and `templates/documents`. Safe for concurrent use."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._environment = _environment(templates)
        self._document_style = (templates / "documents" / "contract.css").read_text("utf-8")

    @property
    def static(self) -> Path:
        """The folder to serve at `/static`."""
        return self._templates / STATIC

    @property
    def document_policy(self) -> str:
        """The Content-Security-Policy of a document: its own style, nothing else, framed by our pages only."""
        digest = b64encode(hashlib.sha256(self._document_style.encode()).digest()).decode()
        return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'self'; sandbox"

    def consent(self, language: Language) -> str:
        """The exact sentence a signer ticks, for the evidence record."""
        return words(self._templates, language)["contract"]["consent"]

    def contract(self, page: ContractPage) -> str:
        """The contract page in its state."""
        return self._page("contract", page, page.language, page.store.zone, pole=self._pole(page))

    def invitation(self, page: InvitationPage) -> str:
        """The invitation page in its state."""
        return self._page("invitation", page, page.language, page.store.zone)

    def payment(self, page: PaymentPage) -> str:
        """The page of a payment to confirm, in its state."""
        return self._page("payment", page, page.language, page.store.zone)

    def message(self, page: MessagePage) -> str:
        """One thing to say, with a reference and a route to help."""
        return self._page("message", page, page.language, page.store.zone if page.store else "UTC")

    def document(self, document: ContractDocument) -> bytes:
        """The contract itself, whole in one file; the same facts give the same bytes."""
        context = _context(document) | {
            "fmt": formats(document.language, document.store.zone),
            "words": words(self._templates, document.language),
            "style": self._document_style,
        }
        name = f"documents/contract.{document.language}.html.j2"
        return self._environment.get_template(name).render(context).encode()

    def _page(self, name: str, page: object, language: Language, zone: str, **more: Any) -> str:
        spoken = {"fmt": formats(language, zone), "words": words(self._templates, language)}
        return self._environment.get_template(f"hosted/{name}.html.j2").render(_context(page) | spoken | more)

    def _pole(self, page: ContractPage) -> object:
        fmt = formats(page.language, page.store.zone)
        return pole(page.milestones, fmt, words(self._templates, page.language))


def _context(page: object) -> dict[str, Any]:
    return {each.name: getattr(page, each.name) for each in fields(page)}  # type: ignore[arg-type]


def _environment(templates: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "until": _until, "day": _day, "money": _money, "count": _count, "duration": _duration,
        "strong": HTML.strong, "contact": HTML.contact,
    }  # fmt: skip
    environment.tests["instantaneous"] = lambda text: Duration.parse(text).count == 0
    return environment


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
