"""The pages of a transfer of the administration in their states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import get_args

from api.web.hosted.page_models import Form, PassedOnPage, TransferPage, TransferState
from api.web.portal.page_models import Successor, TransferFormPage, User
from jalon.domain.projections import TransferProjection
from jalon.integrations.mail.formats import Language
from tests.api.web.hosted.test_pages import CONTRACT, PAGES
from tests.browser.portal_samples import BASE, RUNNING, portal_page
from tests.jalon.integrations.mail.samples import ACTIVATION, PLACED, PRICE, STORE, TERM

EMAIL = "amelie.durand-lefevre@bureau-detudes.example.com"
EMPTY = {"seat": "", "email": "", "name": "", "language": ""}
PENDING = replace(
    RUNNING,
    transfer=TransferProjection(number=1, party="pty_2", asked_at=PLACED, accept_by=ACTIVATION),
)
HELD = replace(
    RUNNING,
    transfer=TransferProjection(
        number=1, party="pty_2", asked_at=PLACED, accept_by=ACTIVATION, agreed_at=PLACED
    ),
)


def transfer_pages(language: Language) -> Iterator[tuple[str, str]]:
    """Every page of a transfer by the name of its state."""
    yield from _hosted(language)
    form = TransferFormPage(
        language,
        STORE,
        f"{BASE}/subscriptions/{RUNNING.id}",
        RUNNING,
        Form(f"{BASE}/transfer", {"nonce": "ab"}),
        (User(1, "Amélie Durand-Lefèvre", EMAIL), User(2, "Jean Dupont", "jean@example.com")),
        languages={"fr": "Français", "en": "English"},
        filled=EMPTY,
    )
    yield "portal-transfer-1-choose", PAGES.show(form)
    yield "portal-transfer-1-nobody", PAGES.show(replace(form, users=()))
    wrong = replace(form, filled=EMPTY | {"name": "…"}, problems=("email_wrong", "name_wrong"))
    yield "portal-transfer-1-wrong", PAGES.show(wrong)
    yield "portal-transfer-1-gone", PAGES.show(replace(form, problems=("user_gone",), more_users=True))
    check = replace(form, successor=Successor("Amélie Durand-Lefèvre", EMAIL, "fr", 1), holds_seat=True)
    yield "portal-transfer-2-check-user", PAGES.show(check)
    new = Successor("Noé Petit", "noe@example.com", "fr")
    yield "portal-transfer-2-check-new", PAGES.show(replace(check, successor=new, accept_by=ACTIVATION))
    offered = replace(portal_page(language, "renews"), actions=frozenset({"stop", "transfer", "contract"}))
    yield "portal-transfer-offered", PAGES.show(offered)
    pending = replace(
        offered,
        subscription=PENDING,
        actions=frozenset({"stop", "call-off-transfer"}),
        transfer_to="Noé Petit",
        done="asked",
    )
    yield "portal-transfer-pending", PAGES.show(pending)
    yield (
        "portal-transfer-unreached",
        PAGES.show(replace(pending, done=None, transfer_unreached="noe@example.com")),
    )
    yield "portal-transfer-held", PAGES.show(replace(pending, subscription=HELD, done="held"))


def _hosted(language: Language) -> Iterator[tuple[str, str]]:
    page = TransferPage(
        language=language,
        store=STORE,
        state="open",
        product=CONTRACT.product,
        quantity=3,
        order_number=RUNNING.number,
        accept_by=PLACED + timedelta(days=15),
        form=Form("/h/transfer/token", {"nonce": "ab"}),
        asked_by="Amélie Durand-Lefèvre",
        renews_at=TERM,
        renewal_amount=PRICE,
        portal_url=BASE,
    )
    for state in get_args(TransferState):
        yield f"transfer-{state}", PAGES.transfer(replace(page, state=state))
    yield "transfer-open-nobody", PAGES.transfer(replace(page, asked_by="", renews_at=None, term_end=TERM))
    yield "transfer-accepted-before", PAGES.transfer(replace(page, state="accepted", portal_url=None))
    passed_on = PassedOnPage(language, STORE, CONTRACT.product, RUNNING.number, "/h/contract/token/document")
    yield "passed-on", PAGES.passed_on(passed_on)
    yield "passed-on-without-contract", PAGES.passed_on(replace(passed_on, document_url=None))
