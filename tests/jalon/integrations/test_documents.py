"""Contracts and their signed copies, as rendered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jalon.domain.signatures import Signature
from jalon.domain.vendors import Vendor
from jalon.integrations.documents import Annex, SignatureRecord
from jalon.integrations.mail.formats import Language
from tests.api.web.hosted.test_pages import CONTRACTS, DOCUMENT, HOSTILE, LINE, languages

RECORD = SignatureRecord(
    language="fr",
    zone="Europe/Paris",
    signature=Signature("Zoé Lefèvre", "Gérante", "J’accepte ce contrat."),
    signed_at=datetime(2026, 3, 29, 1, 30, 5, tzinfo=UTC),
    document_sha256="ab" * 32,
    terms=LINE.documents,
    evidence="rec_1",
)


def text_of(content: bytes) -> str:
    """The text of a document, without its markup and with plain spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", content.decode()).split())


@languages
def test_a_contract_names_its_parties_and_its_order(language: Language) -> None:
    text = text_of(CONTRACTS.render(replace(DOCUMENT, language=language)))
    for fact in ("Ancrages Démonstration SAS", "14 rue des Exemples 69003 Lyon", "RCS Lyon 000 123 455"):
        assert fact in text
    heading = text.partition("1. ")[0]
    assert DOCUMENT.order_number in heading
    assert DOCUMENT.subscription_number not in heading


@pytest.mark.parametrize(
    ("language", "kind", "quantity", "said"),
    [
        ("fr", "floating", 3, "3 licences flottantes (utilisateurs simultanés)"),
        ("fr", "floating", 1, "1 licence flottante (utilisateurs simultanés)"),
        ("fr", "individual", 2, "2 licences individuelles (une personne par licence)"),
        ("en", "individual", 1, "1 individual licence (one person)"),
        ("en", "site", 1, "1 licence (site)"),
    ],
)
@pytest.mark.rule("X10")
def test_licences_are_said_in_words(language: Language, kind: str, quantity: int, said: str) -> None:
    line = replace(LINE, licence_kind=kind, quantity=quantity)
    text = text_of(CONTRACTS.render(replace(DOCUMENT, language=language, line=line)))
    assert said in text


@pytest.mark.rule("T11")
def test_terms_whose_text_is_not_kept_are_named_with_a_way_to_them() -> None:
    gone = (*DOCUMENT.annexes, Annex("by_offer", "2020-01", "ef" * 32))
    text = text_of(CONTRACTS.render(replace(DOCUMENT, annexes=gone, vendor=Vendor("Ancrages"))))
    assert "Texte sur demande : support@example.com" in text
    assert "ef" * 32 in text
    assert "Leur texte est en annexe" not in text
    assert "Annexe 2" not in text


@pytest.mark.rule("H23")
@languages
def test_a_signed_copy_is_the_signed_bytes_with_one_section_more(language: Language) -> None:
    contract = CONTRACTS.render(replace(DOCUMENT, language=language))
    copy = CONTRACTS.signed(contract, replace(RECORD, language=language))
    before, section, after = re.split(rb'(<section class="signature">.*</section>)', copy, flags=re.DOTALL)
    assert before + after == contract
    for fact in (
        "Zoé Lefèvre, Gérante", "2026-03-29T03:30:05+02:00", "ab" * 32, "cd" * 32, "J’accepte ce contrat.", "rec_1",
    ):  # fmt: skip
        assert fact in text_of(section)


def test_a_signature_without_a_function_and_with_markup_stays_text() -> None:
    record = replace(RECORD, signature=Signature(HOSTILE, None, HOSTILE))
    assert b"<script" not in CONTRACTS.signed(CONTRACTS.render(DOCUMENT), record)
    plain = replace(RECORD, signature=Signature("Zoé", None, "Oui."))
    assert "Signataire Zoé Date" in text_of(CONTRACTS.signed(CONTRACTS.render(DOCUMENT), plain))
