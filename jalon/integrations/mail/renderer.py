"""Renders an e-mail's facts as a subject, HTML and text in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jinja2 import Template

from jalon.domain.emails import AboutOrder, Email, Milestone
from jalon.domain.vendors import Vendor
from jalon.integrations.mail.formats import Language, formats
from jalon.integrations.mail.parts import HTML, TEXT, Part, one_line
from jalon.integrations.mail.poles import pole
from jalon.integrations.mail.words import words

SUBJECT_PRODUCT = 40


@dataclass(frozen=True, slots=True)
class StoreIdentity:
    """The facts of a store that e-mails show.

    `support_email` is an e-mail or https address, the product's own where it has one (T14). `zone` is an IANA name. `shop_url` is
    where its buyers shop, `faq` the address of its questions and answers (D18), `reseller` who helps resellers and partners (T16); each is
    None where the store names none. Pages show the `vendor` behind the store.
    """

    name: str
    support_email: str
    zone: str
    shop_url: str | None = None
    vendor: Vendor | None = None
    faq: str | None = None
    reseller: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """The rendered e-mail; `subject` is one line."""

    subject: str
    html: str
    text: str


class LinkMissing(ValueError):
    """The e-mail's template requires a link and none was given."""


class Renderer:
    """Renders every e-mail of `templates/emails`. Safe for concurrent use; templates are compiled once."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._html = Part(HTML, templates)
        self._text = Part(TEXT, templates)

    def render(
        self,
        email: Email,
        *,
        language: Language,
        recipient_name: str | None,
        store: StoreIdentity,
        link_url: str | None = None,
        milestones: Sequence[Milestone] = (),
        person: str | None = None,
        people: Sequence[str] = (),
    ) -> Rendered:
        """Renders `email` for one reader; instants are printed in the store's zone.

        `person` is the person an e-mail is about, other than the recipient (name or address; a released seat names the person), `people`
        are those whom it lists. Raises `LinkMissing` when the e-mail requires a link, `jinja2.UndefinedError` when a template uses a fact
        that the e-mail does not have.
        """
        if email.link_required and not link_url:
            raise LinkMissing(f"{email.template} needs its {email.link} link")
        facts = self._facts(email, language, store, person)
        facts["people"] = [one_line(each) for each in people]
        facts["link_url"] = link_url
        facts["action_url"] = link_url if email.link else store.shop_url if email.to_shop else None
        facts["private_link"] = email.link_required
        dated = bool(link_url) and bool(email.calendar) and getattr(email, email.calendar) is not None
        facts["calendar_url"] = f"{link_url}/deadline.ics" if dated else None
        facts["pole"] = pole(milestones, facts["fmt"], facts["words"])
        facts["greeting"] = _greeting(recipient_name, facts["words"]["mail"])
        name = f"{email.template}/{language}.j2"
        text, html = self._text.template(name), self._html.template(name)
        short = {"product": _shortened(facts["product"])} if isinstance(email, AboutOrder) else {}
        facts["subject"] = _block(text, "subject", facts | short)
        facts["preheader"] = _block(text, "preheader", facts)
        return Rendered(
            subject=facts["subject"],
            html=self._html.finish(html.render(facts)),
            text=self._text.finish(text.render(facts)),
        )

    def _facts(
        self, email: Email, language: Language, store: StoreIdentity, person: str | None
    ) -> dict[str, Any]:
        facts: dict[str, Any] = {each.name: _clean(getattr(email, each.name)) for each in fields(email)}
        facts["language"] = language
        facts["words"] = spoken = words(self._templates, language)
        facts["fmt"] = formats(language, store.zone)
        facts["store"] = store
        facts["person"] = one_line(person) if person else None
        if isinstance(email, AboutOrder):
            facts["products"] = _products(facts["product"], facts.get("more_lines", 0), spoken["facts"])
        facts["zone_note"] = spoken["mail"]["zone"].format(zone=facts["fmt"].zone_name)
        facts["signature"] = spoken["mail"]["signature"].format(store=one_line(store.name))
        return facts


def _block(template: Template, name: str, facts: dict[str, Any]) -> str:
    return one_line("".join(template.blocks[name](template.new_context(facts))))


def _greeting(name: str | None, spoken: dict[str, str]) -> str:
    clean = one_line(name or "")
    return spoken["hello"].format(name=clean) if clean else spoken["hello_nobody"]


def _products(product: str, more_lines: int, spoken: dict[str, str]) -> str:
    if more_lines == 0:
        return product
    return spoken["more_one" if more_lines == 1 else "more_many"].format(product=product, count=more_lines)


def _shortened(product: str) -> str:
    return product if len(product) <= SUBJECT_PRODUCT else product[: SUBJECT_PRODUCT - 1].rstrip() + "…"


def _clean(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value
