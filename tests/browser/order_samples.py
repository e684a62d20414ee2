"""The pages of an order in their states, and its end-use certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import get_args

from api.web.hosted.page_models import Form, TermsLink
from api.web.orders.page_models import CertificatePage, CertificateState, OrderPage, Section, ShownLine
from api.web.orders.questionnaire import SECTIONS, answers_of, countries, fields_of
from api.web.orders.states import LineStanding, LineState, OrderState, Standing
from jalon.domain.compliance.certificates import VERSION, validate
from jalon.domain.emails import Milestone
from jalon.integrations.mail.formats import Language
from tests.api.web.hosted.test_pages import PAGES
from tests.jalon.integrations.mail.samples import ACTIVATION, PLACED, PRICE, STOP, STORE

NUMBER = "GEO-2026-K7QN2X"
LINES = (
    ShownLine("Étaiement Pro", 3, "floating", "P1Y", PRICE, PRICE * 3),
    ShownLine("Bureau topographique", 1, "individual", "P1M", PRICE, PRICE),
)
POLES = (Milestone("ordered", "reached", at=PLACED), Milestone("payment", "awaited", until=ACTIVATION))
WAITS = frozenset({"certificate", "certificate_over", "confirmation", "cart", "declined", "held", "working"})
FILLED: Mapping[str, str] = {
    "legal_name": "Lefèvre SARL",
    "role": "reseller",
    "end_user": "Ville de Lyon",
    "sector": "BTP",
    "site_of_use": "12 quai Perrache\n69002 Lyon",
    "country_of_use": "FR",
    "region_of_use": "UA-30",
    "access_countries": "Allemagne\nAtlantide",
    "end_use": "usage professionnel interne pour nos projets",
    "nuclear": "no",
    "no_diversion": "yes",
}
"""Answers of which each kind of mistake is one."""


def order_pages(language: Language) -> Iterator[tuple[str, str]]:
    """Every page of an order by the name of its state."""
    page = OrderPage(
        language,
        STORE,
        NUMBER,
        "BC-2026-0042",
        Standing("working"),
        LINES,
        PRICE * 4,
        (TermsLink("general", "2026-01", "/h/terms/geomatics/ab"),),
        "retards@geomatics.example.com",
        POLES,
        act_url="/h/certificate/token",
        cause="hold_expired",
        line_delayed=True,
    )
    for state in get_args(OrderState):
        standing = Standing(state, ACTIVATION if state in WAITS else None)
        begun = state in ("to_activate", "activating", "completed", "lapsed")
        shown = replace(page, standing=standing, lines=_begun() if begun else LINES)
        yield f"order-{state}", PAGES.show(shown)
    yield (
        "order-cancelled-returned",
        PAGES.show(replace(page, standing=Standing("cancelled"), paid="returned")),
    )
    yield from _certificates(language)


def _begun() -> tuple[ShownLine, ...]:
    """A line in each state."""
    undated = frozenset({"preparing", "activating", "active", "cancelled"})
    states: tuple[LineState, ...] = get_args(LineState)
    return tuple(
        replace(
            LINES[0],
            standing=LineStanding(state, None if state in undated else STOP),
            contract_url="/h/contract/token",
            portal_url="/portal/geomatics/FR/subscriptions/sub_1" if state == "active" else None,
        )
        for state in states
    )


def _certificates(language: Language) -> Iterator[tuple[str, str]]:
    trade = "https://geomatics.example.com/trade-compliance"
    hidden = {"nonce": "ab", "text_version": VERSION}
    for state in get_args(CertificateState):
        is_open = state == "open"
        page = CertificatePage(
            language,
            STORE,
            NUMBER,
            state,
            "/h/order/token",
            trade,
            Form("/h/certificate/token", hidden),
            sections=_sections({}) if is_open else (),
            countries=countries(language) if is_open else (),
            ruled=frozenset({"UA"}),
            until=ACTIVATION,
            at=PLACED + timedelta(days=1),
        )
        yield f"certificate-{state}", PAGES.show(page)
        if is_open:
            saved = replace(page, sections=_sections(FILLED), saved=True)
            yield "certificate-saved", PAGES.show(saved)
            yield "certificate-saved-so-far", PAGES.show(replace(saved, saved_before="place"))
            violations = validate(answers_of(FILLED))
            wrong = tuple(Section(key, fields_of(keys, FILLED, violations)) for key, keys in SECTIONS.items())
            yield "certificate-wrong", PAGES.show(replace(page, sections=wrong, out_of_date=True))
            yield "certificate-again", PAGES.show(replace(page, asked_again=True, until=None))
        elif state == "answered":
            yield "certificate-sent", PAGES.show(replace(page, done=True))


def _sections(typed: Mapping[str, str]) -> tuple[Section, ...]:
    return tuple(Section(key, fields_of(keys, typed)) for key, keys in SECTIONS.items())
