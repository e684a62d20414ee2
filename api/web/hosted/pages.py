"""The pages behind signed links, rendered. No script, one style sheet at `/static/jalon.css`, plain POST forms."""

from __future__ import annotations

import hashlib
import html
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

from starlette.requests import Request

from api.web.hosted.page_models import (
    ContractPage,
    ErrorListPage,
    ErrorPage,
    InvitationPage,
    MessagePage,
    PassedOnPage,
    TermsPage,
    TransferPage,
)
from jalon.domain.emails import Milestone
from jalon.domain.projections import SubscriptionProjection
from jalon.integrations.mail.formats import Formats, Language, formats
from jalon.integrations.mail.poles import Band, pole
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.integrations.mail.words import words
from jalon.integrations.typesetting import environment

STATIC = "static"
NO_STYLE = "'none'"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""The Content-Security-Policy of every page except the document."""


def document_policy(document: bytes) -> str:
    """The Content-Security-Policy of a document: only the style inside its own bytes, framed by Jalon's pages only.

    The style's hash is computed from the bytes, since a stored document may be older than today's style sheet.
    """
    styles = re.findall(rb"<style>(.*?)</style>", document, re.DOTALL)
    allowed = " ".join(f"'sha256-{b64encode(hashlib.sha256(style).digest()).decode()}'" for style in styles)
    return f"default-src 'none'; style-src {allowed or NO_STYLE}; frame-ancestors 'self'; sandbox"


class PortalPageModel(Protocol):
    """What the page models of the portal have in common."""

    template: ClassVar[str]

    @property
    def language(self) -> Language: ...
    @property
    def store(self) -> StoreIdentity: ...


class Pages:
    """Renders the templates of `templates/hosted`. Safe for concurrent use."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._environment = environment(templates)

    @property
    def templates(self) -> Path:
        """The folder of all templates."""
        return self._templates

    @property
    def static(self) -> Path:
        """The folder to serve at `/static`."""
        return self._templates / STATIC

    def consent(self, language: Language) -> str:
        """The exact sentence a signer ticks, for the evidence record."""
        return words(self._templates, language)["contract"]["consent"]

    def spoken(self, language: Language, section: str, key: str, **facts: str) -> str:
        """A sentence outside a page, with its facts."""
        return words(self._templates, language)[section][key].format(**facts)

    def contract(self, page: ContractPage) -> str:
        """The contract page in its state."""
        return self._page("contract", page, page.language, page.store.zone, pole=self._pole(page))

    def invitation(self, page: InvitationPage) -> str:
        """The invitation page in its state."""
        return self._page("invitation", page, page.language, page.store.zone)

    def transfer(self, page: TransferPage) -> str:
        """The page of a transfer of the administration in its state."""
        return self._page("transfer", page, page.language, page.store.zone)

    def passed_on(self, page: PassedOnPage) -> str:
        """The page of a link of a former admin."""
        return self._page("passed_on", page, page.language, page.store.zone)

    def show(self, page: PortalPageModel) -> str:
        """A page of the portal, by its own template."""
        fmt, spoken = formats(page.language, page.store.zone), words(self._templates, page.language)

        def bands(milestones: Sequence[Milestone]) -> list[Band]:
            return pole(milestones, fmt, spoken)

        more = {"pole": bands(getattr(page, "milestones", ())), "bands": bands}
        return self._render(page.template, page, page.language, page.store.zone, **more)

    def sentence(
        self,
        subscription: SubscriptionProjection,
        standing: object,
        language: Language,
        fmt: Formats,
        now: datetime,
    ) -> str:
        """The state of a subscription as plain text, in the words of its page."""
        facts = {"s": subscription, "standing": standing, "now": now, "fmt": fmt}
        told = self._environment.get_template("portal/sentence.html.j2").render(
            facts | {"words": words(self._templates, language)}
        )
        return " ".join(filter(None, re.split(r"[ \n]+", html.unescape(told))))

    def terms(self, page: TermsPage) -> str:
        """The page of terms of sale."""
        return self._page("terms", page, page.language, page.store.zone)

    def message(self, page: MessagePage) -> str:
        """The page of one message, with a reference and a support contact."""
        return self._page("message", page, page.language, page.store.zone if page.store else "UTC")

    def error(self, page: ErrorPage) -> str:
        """The page of one error code."""
        return self._page("error", page, page.language, page.store.zone)

    def errors(self, page: ErrorListPage) -> str:
        """The page of all error codes."""
        return self._page("errors", page, page.language, page.store.zone)

    def _page(self, name: str, page: object, language: Language, zone: str, **more: Any) -> str:
        return self._render(f"hosted/{name}", page, language, zone, **more)

    def _render(self, name: str, page: object, language: Language, zone: str, **more: Any) -> str:
        spoken = {"fmt": formats(language, zone), "words": words(self._templates, language)}
        return self._environment.get_template(f"{name}.html.j2").render(_context(page) | spoken | more)

    def _pole(self, page: ContractPage) -> object:
        fmt = formats(page.language, page.store.zone)
        return pole(page.milestones, fmt, words(self._templates, page.language))


def _context(page: object) -> dict[str, Any]:
    return {each.name: getattr(page, each.name) for each in fields(page)}  # type: ignore[arg-type]


def pages_of(request: Request) -> Pages:
    """The hosted pages' templates."""
    pages: Pages = request.app.state.pages
    return pages
