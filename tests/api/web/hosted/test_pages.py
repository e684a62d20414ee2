"""The hosted pages: every state in every language, safe, without scripts, and usable by keyboard."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from api.web.hosted.invitation import State
from api.web.hosted.page_models import (
    ContractPage,
    Form,
    InvitationPage,
    MessagePage,
    Problem,
    Step,
)
from api.web.hosted.pages import PAGE_POLICY, Pages, document_policy
from jalon.domain.emails import Milestone
from jalon.domain.projections import VoidCause
from jalon.domain.terms import ActivationTerms, LineTerms, RenewalTerms, StoreTerms, TermsDocument
from jalon.domain.vendors import Vendor
from jalon.integrations.documents import Annex, ContractDocument, ContractRenderer
from jalon.integrations.mail.formats import LANGUAGES, Language
from tests.jalon.integrations.mail.samples import (
    ACTIVATION,
    INVITED,
    ORDER,
    PLACED,
    PRICE,
    STORE,
    SUBSCRIPTION,
)

TEMPLATES = Path(__file__).parents[4] / "templates"
PAGES = Pages(TEMPLATES)
CONTRACTS = ContractRenderer(TEMPLATES)
HOSTILE = '"><script>alert(1)</script>'
CONTRACT = ContractPage(
    language="en",
    store=STORE,
    state="awaiting",
    product="Étaiement Pro",
    quantity=3,
    order_number=ORDER,
    activate_by=ACTIVATION,
    document_url="/h/contract/token/document",
    document_sha256="ab" * 32,
    form=Form("/h/contract/token", {"csrf": "c5rf"}),
    step="sign",
    charge_on_activation=PRICE,
    milestones=(Milestone("ordered", "reached", at=PLACED), Milestone("sign", "awaited", until=ACTIVATION)),
    payment_url="https://bank.example.com/challenge",
    portal_url="/h/contract/token/portal",
    ended_at=ACTIVATION,
    expired_by=ACTIVATION,
)
INVITATION = InvitationPage(
    "en", STORE, "open", "Étaiement Pro", ORDER, INVITED, Form("/h/invitation/token", {"csrf": "c5rf"}), "Théo Marchand",
    "Jean Dupont", "jean.dupont@bureau-detudes.example.com", "/portal/fastening/FR",
)  # fmt: skip
MESSAGE = MessagePage("en", "error", "req_01jcq8", STORE)
LINE = LineTerms(
    sku="shoring-pro",
    product="Étaiement Pro",
    licence_kind="floating",
    quantity=3,
    term="P1Y",
    price=PRICE,
    amount=PRICE,
    charge_at="activation",
    recovery_window="P7D",
    activation=ActivationTerms(("open_contract", "click_activate", "sign"), "P90D", (), False),
    user_management=True,
    seats=3,
    invitation_window="PT72H",
    renewal=RenewalTerms(True, "P5D", ()),
    retention="P14D",
    purge_warning_before="P3D",
    software_classes=(),
    support_email="support@fastening.example.com",
    documents=(TermsDocument("general", "2026-01", "cd" * 32),),
)
DOCUMENT = ContractDocument(
    language="fr",
    vendor=Vendor(
        "Ancrages Démonstration SAS", ("14 rue des Exemples", "69003 Lyon"), "RCS Lyon 000 123 455"
    ),
    annexes=(
        Annex("general", "2026-01", "cd" * 32, "Conditions générales", "1. Le prix est payé d’avance.", "fr"),
    ),
    store=StoreTerms("fastening", "Ancrages", "Europe/Paris", (), "fr", "support@example.com", "hash"),
    line=LINE,
    order_number=ORDER,
    subscription_number=SUBSCRIPTION,
    customer_name="Bureau d’études Lefèvre",
    customer_address="12 rue des Acacias, 69003 Lyon",
    placed_at=PLACED,
    activate_by=ACTIVATION,
)
languages = pytest.mark.parametrize("language", LANGUAGES)


def every_page(language: Language, **changes: Any) -> list[str]:
    """Each page in each of its states."""
    contract = replace(CONTRACT, language=language, **changes)
    contracts = [
        *(replace(contract, step=step) for step in get_args(Step)),
        replace(contract, step="click_activate", click_is_signature=True, problems=get_args(Problem)),
        *(replace(contract, state=state, step=None) for state in ("working", "payment", "active", "ended")),
        *(replace(contract, state="expired", step=None, cause=cause) for cause in VoidCause),
        replace(
            contract, state="expired", step=None, cause=VoidCause.CANCELLED, expired_by=None, refunded=PRICE
        ),
    ]
    invitation = replace(INVITATION, language=language, **changes)
    return [
        *map(PAGES.contract, contracts),
        *(PAGES.invitation(replace(invitation, state=state)) for state in get_args(State)),
        PAGES.invitation(replace(invitation, name="", accept_by=None)),
        *(
            PAGES.message(replace(MESSAGE, language=language, kind=kind))
            for kind in ("link_invalid", "not_found", "working", "error")
        ),
    ]


@languages
def test_every_page_is_whole(language: Language) -> None:
    for page in every_page(language):
        assert page.startswith("<!doctype html>")
        assert f'<html lang="{language}">' in page
        assert page.count("<h1>") == 1
        assert re.search(r"<title>[^<{]+</title>", page)
        assert STORE.support_email in page
        assert "{" not in page
        assert "None" not in page


@languages
def test_no_page_needs_more_than_its_style_sheet(language: Language) -> None:
    for page in every_page(language):
        assert "<script" not in page
        assert "style=" not in page
        assert "<style" not in page
        assert re.findall(r' on\w+="', page) == []
    assert "script-src" not in PAGE_POLICY
    assert (PAGES.static / "jalon.css").is_file()


@languages
def test_every_field_has_a_label(language: Language) -> None:
    for page in every_page(language):
        fields = re.findall(r'<input id="([^"]+)"', page)
        assert set(fields) == set(re.findall(r'<label for="([^"]+)"', page))
        assert page.count("<input ") == len(fields) + page.count('type="hidden"')


@languages
def test_nothing_given_becomes_markup(language: Language) -> None:
    for page in every_page(language, product=HOSTILE, order_number=HOSTILE):
        assert "<script" not in page
    signed = PAGES.contract(replace(CONTRACT, signer_name=HOSTILE, form=Form("/x", {"csrf": HOSTILE})))
    assert "<script" not in signed
    document = CONTRACTS.render(
        replace(DOCUMENT, language=language, customer_name=HOSTILE, customer_address=HOSTILE)
    )
    assert b"<script" not in document


@languages
def test_french_pages_are_set_as_french(language: Language) -> None:
    documents = [CONTRACTS.render(replace(DOCUMENT, language=language)).decode()]
    for page in every_page(language) + documents:
        shown = re.sub(
            r"<style>.*?</style>|<[^>]*>|&\w+;|\d\d:\d\d|&#\d+;|https://\S+",
            "",
            page.partition("</head>")[2],
            flags=re.DOTALL,
        )
        assert "'" not in shown
        if language == "fr":
            assert not re.search(r"[^\u202f][;!?]", shown)
            assert not re.search(r"[^\u00a0]:", shown)


@pytest.mark.parametrize(
    ("step", "merged", "asks_signature"),
    [
        ("open_contract", False, False),
        ("click_activate", False, False),
        ("click_activate", True, True),
        ("sign", False, True),
    ],
)
@pytest.mark.rule("X1", "H4")
def test_the_form_asks_for_the_current_step(step: Step, merged: bool, asks_signature: bool) -> None:
    page = PAGES.contract(replace(CONTRACT, step=step, click_is_signature=merged))
    assert f'<input type="hidden" name="step" value="{step}">' in page
    assert '<input type="hidden" name="csrf" value="c5rf">' in page
    assert '<form class="step" method="post" action="/h/contract/token">' in page
    assert ('name="signer_name"' in page) is asks_signature
    assert ('name="consent" type="checkbox" value="yes" required' in page) is asks_signature


def test_the_contract_page_shows_the_very_document() -> None:
    page = PAGES.contract(CONTRACT)
    assert 'src="/h/contract/token/document" sandbox>' in page
    assert "ab" * 32 in page
    assert "until Wednesday 15 April 2026, 23:59" in page
    assert "€1,200.00 will be charged on activation, not before." in page


@pytest.mark.rule("P5")
def test_an_expired_contract_offers_to_order_again() -> None:
    page = PAGES.contract(replace(CONTRACT, state="expired", step=None))
    assert "Nothing was charged, and nothing will be." in page
    assert f'<a class="button" href="{STORE.shop_url}">' in page
    assert "<form" not in page
    assert "iframe" not in page


@pytest.mark.rule("P5", "X3")
def test_a_void_line_says_why_it_lapsed_and_what_goes_back() -> None:
    expired = replace(CONTRACT, state="expired", step=None)
    late, unpaid, cancelled = (PAGES.contract(replace(expired, cause=cause)) for cause in VoidCause)
    assert "could be activated until Wednesday 15 April 2026, 23:59" in late
    assert "in time, but its payment did not reach us by Wednesday 15 April 2026, 23:59" in unpaid
    assert "was cancelled" in PAGES.contract(replace(expired, cause=VoidCause.CANCELLED, expired_by=None))
    assert "time to activate has passed" not in unpaid + cancelled
    assert "We are refunding €1,200.00" in PAGES.contract(replace(expired, refunded=PRICE))


@pytest.mark.rule("T3")
def test_an_expired_invitation_sends_to_the_owner() -> None:
    page = PAGES.invitation(replace(INVITATION, state="expired"))
    assert "This invitation has expired" in page
    assert "ask the account owner" in page
    assert "<form" not in page


@pytest.mark.rule("T3", "H22")
def test_an_invitation_that_was_taken_back_did_not_expire() -> None:
    gone, ended = (PAGES.invitation(replace(INVITATION, state=state)) for state in ("gone", "ended"))
    assert "expired" not in gone + ended
    assert "ask the account owner to invite you again" in gone
    assert "invite you again" not in ended


@pytest.mark.rule("T15")
def test_an_error_shows_a_reference_and_a_route() -> None:
    page = PAGES.message(replace(MESSAGE, store=None, support="help@example.com"))
    for said in ("req_01jcq8", 'href="mailto:help@example.com"', "reload"):
        assert said in page


def test_the_consent_is_the_sentence_on_the_page() -> None:
    assert PAGES.consent("en") in PAGES.contract(CONTRACT)


@languages
def test_the_document_states_the_terms_and_is_always_the_same_bytes(language: Language) -> None:
    document = replace(DOCUMENT, language=language)
    content = CONTRACTS.render(document)
    assert content == CONTRACTS.render(document)
    assert content != CONTRACTS.render(replace(document, order_number="ord_other"))
    text = content.decode().replace("\u00a0", " ").replace("\u202f", " ")
    for fact in (SUBSCRIPTION, ORDER, "Étaiement Pro", "Lefèvre", "69003", "cd" * 32, "23:59", "14 "):
        assert fact in text
    assert ("1 200,00 €" if language == "fr" else "€1,200.00") in text


@languages
def test_the_document_adapts_to_its_terms(language: Language) -> None:
    plain = replace(
        LINE, charge_at="order", user_management=False, licence_kind="site", documents=(),
        activation=ActivationTerms((), None, (), False), renewal=RenewalTerms(True, "P0D", ()),
    )  # fmt: skip
    text = CONTRACTS.render(replace(DOCUMENT, language=language, line=plain, activate_by=None)).decode()
    assert "3 licences (site)" in text
    assert "23:59" not in text
    assert not re.search(r"\b0\s(days|jours?)", text)
    ending = replace(plain, renewal=RenewalTerms(False, "P0D", ()))
    assert CONTRACTS.render(replace(DOCUMENT, language=language, line=ending)).decode() != text


def test_the_policy_allows_the_documents_own_style_and_no_other() -> None:
    content = CONTRACTS.render(DOCUMENT)
    (style,) = re.findall(rb"<style>(.*?)</style>", content, re.DOTALL)
    digest = b64encode(hashlib.sha256(style).digest()).decode()
    assert {f"style-src 'sha256-{digest}'", "frame-ancestors 'self'"} <= set(
        document_policy(content).split("; ")
    )
