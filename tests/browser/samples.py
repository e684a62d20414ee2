"""Every page in each of its states, every e-mail and the contract, as files that a browser opens: no engine is needed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

from api.web.hosted.invitation import State
from api.web.hosted.page_models import (
    ErrorListPage,
    ErrorPage,
    InvitationPage,
    Problem,
    TermsLink,
    TermsPage,
)
from jalon.domain.emails import FewerSeats
from jalon.domain.error_codes import AREAS, ERRORS, ErrorCode
from jalon.domain.projections import VoidCause
from jalon.domain.signatures import Signature
from jalon.integrations.documents import SignatureRecord
from jalon.integrations.mail.formats import LANGUAGES, Language
from jalon.integrations.mail.renderer import Renderer
from tests.api.web.hosted.test_pages import (
    CONTRACT,
    CONTRACTS,
    DOCUMENT,
    INVITATION,
    MESSAGE,
    PAGES,
    TEMPLATES,
)
from tests.browser.console_samples import console_pages
from tests.browser.order_samples import order_pages
from tests.browser.payment_samples import payment_pages
from tests.browser.portal_samples import portal_pages
from tests.browser.transfer_samples import transfer_pages
from tests.browser.user_samples import user_pages
from tests.jalon.integrations.mail.samples import ACTIVATION, LINK, PLACED, POLE, PRICE, SAMPLES, STORE

NAME = "Amélie Durand-Lefèvre"
STYLE, CONSOLE_STYLE = "jalon.css", "console.css"
TEXT = "\n".join(
    f"{number}. Le prix est payé d’avance, puis au début de chaque terme." for number in range(1, 9)
)
PEOPLE = ("Lise Roy", "Omar Benali")
MAIL = "mail-"
"""With what the name of an e-mail's sample begins."""


def has_landmarks(name: str) -> bool:
    """Whether the sample of this name is a page with landmarks: an e-mail is none, and a contract is shown in the frame of one."""
    return not name.startswith((MAIL, "document"))


def write(folder: Path) -> list[Path]:
    """Writes every sample into the folder, as `NAME.LANGUAGE.html`. Returns their files."""
    for style in (STYLE, CONSOLE_STYLE):
        shutil.copy(TEMPLATES / "static" / style, folder)
    written = []
    for language in LANGUAGES:
        for name, html in (*_pages(language), *_documents(language), *_emails(language)):
            file = folder / f"{name}.{language}.html"
            shown = html
            for each in (STYLE, CONSOLE_STYLE):
                shown = shown.replace(f'"/static/{each}"', f'"{each}"')
            file.write_text(shown.replace(f'"{CONTRACT.document_url}"', f'"document.{language}.html"'))
            written.append(file)
    return written


def _pages(language: Language) -> Iterator[tuple[str, str]]:
    yield from _contracts(language)
    invitation = replace(INVITATION, language=language)
    yield from (
        (f"invitation-{state}", PAGES.invitation(_in_state(invitation, state))) for state in get_args(State)
    )
    for kind in ("link_invalid", "not_found", "working", "error"):
        yield f"message-{kind}", PAGES.message(replace(MESSAGE, language=language, kind=kind))
    nobodys = replace(MESSAGE, language=language, kind="link_invalid", store=None)
    stores = (
        STORE,
        replace(STORE, name="Optique", support_email="https://optics.example.com/contact", reseller=None),
    )
    yield "message-link_invalid-stores", PAGES.message(replace(nobodys, contacts=stores))
    yield "terms", PAGES.terms(_terms(language))
    yield from portal_pages(language)
    yield from order_pages(language)
    yield from user_pages(language)
    yield from payment_pages(language)
    yield from transfer_pages(language)
    yield from console_pages(language)
    yield "problem", PAGES.error(_problem())
    yield "problems", PAGES.errors(ErrorListPage("en", STORE, _areas()))


def _contracts(language: Language) -> Iterator[tuple[str, str]]:
    links = (TermsLink("general", "2026-01", "/h/terms/fastening/ab"),)
    contract = replace(CONTRACT, language=language, step_count=3, terms=links)
    yield "contract-1-read", PAGES.contract(replace(contract, step="open_contract"))
    yield "contract-2-activate", PAGES.contract(replace(contract, step="click_activate", step_number=2))
    signing = replace(contract, step="sign", step_number=3)
    yield "contract-3-sign", PAGES.contract(signing)
    yield "contract-3-wrong", PAGES.contract(replace(signing, problems=get_args(Problem)))
    merged = replace(contract, step="click_activate", step_number=2, step_count=2, click_is_signature=True)
    yield "contract-2-activate-and-sign", PAGES.contract(merged)
    signed = replace(contract, step=None, signed=True)
    for state in ("working", "payment", "active", "ended"):
        yield f"contract-{state}", PAGES.contract(replace(signed, state=state))
    for cause in VoidCause:
        until = None if cause is VoidCause.CANCELLED else ACTIVATION
        void = replace(contract, step=None, state="expired", cause=cause, expired_by=until)
        yield f"contract-expired-{cause}", PAGES.contract(void)
    yield "contract-expired-refunded", PAGES.contract(replace(void, refunded=PRICE))


def _in_state(invitation: InvitationPage, state: State) -> InvitationPage:
    return replace(invitation, state=state, name=invitation.name if state == "open" else "")


def _terms(language: Language) -> TermsPage:
    other = "en" if language == "fr" else "fr"
    return TermsPage(
        language, STORE, "Conditions générales", "general", "2026-01", TEXT, "fr", "cd" * 32, STORE.support_email,
        {other: f"?language={other}"},
    )  # fmt: skip


def _problem() -> ErrorPage:
    code = ErrorCode.ACTIVATION_WINDOW_CLOSED
    described = ERRORS[code]
    example = json.dumps({"code": code, "title": described.title, "status": described.statuses[0]}, indent=2)
    return ErrorPage(
        "en", STORE, code, described.title, described.cause, described.way_out, described.statuses, described.rule, example
    )  # fmt: skip


def _areas() -> dict[str, dict[str, str]]:
    return {
        area: {code.value: described.title for code, described in codes.items()}
        for area, codes in AREAS.items()
    }


def _documents(language: Language) -> Iterator[tuple[str, str]]:
    contract = CONTRACTS.render(replace(DOCUMENT, language=language))
    yield "document", contract.decode()
    signature = Signature(NAME, "Directrice technique", PAGES.consent(language))
    record = SignatureRecord(
        language, STORE.zone, signature, PLACED, "ab" * 32, DOCUMENT.line.documents, "rec_01jcq8"
    )
    yield "document-signed", CONTRACTS.signed(contract, record).decode()


def _emails(language: Language) -> Iterator[tuple[str, str]]:
    renderer = Renderer(TEMPLATES)
    for template, variants in SAMPLES.items():
        for number, email in enumerate(variants, 1):
            rendered = renderer.render(
                email, language=language, recipient_name=NAME, store=STORE, link_url=LINK, milestones=POLE,
                person="Théo Marchand",
                people=PEOPLE[: email.leaving] if isinstance(email, FewerSeats) else (),
            )  # fmt: skip
            yield f"{MAIL}{template}-{number}", rendered.html
