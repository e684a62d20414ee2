"""Contracts and their signed copies, drawn up once from what was in force (G6, H4, H23, T12)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from activities.contracts.documents import ContractRequest, SignedCopyRequest
from activities.documents import DocumentMissing, Documents
from jalon.bootstrap import serve_stores
from jalon.domain.kinds import SUBSCRIPTION
from jalon.integrations.documents import ContractRenderer
from jalon.persistence.entities import records
from jalon.persistence.ids import new_id
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from jalon.policy.decisions.freezing import freeze_line, store_terms
from jalon.policy.model.store_policy import StorePolicy
from tests.activities.conftest import AT, ROOT, SKU, STORE

EVIDENCE: dict[str, Any] = {
    "signer": {"name": "Zoé <Lefèvre>", "title": "Gérante", "authorised": True},
    "consent": {"text": "J’accepte ce contrat."},
}


@pytest.fixture
def documents(sessions: Sessions, parties: Parties) -> Documents:
    """The activities of documents."""
    return Documents(sessions, parties, ContractRenderer(ROOT / "templates"))


def asked(policy: StorePolicy, buyer: str) -> ContractRequest:
    """The request for the contract of an order placed at AT."""
    line = freeze_line(policy, SKU, "floating", 3, "P1Y", "EUR", AT)
    terms, subscription = store_terms(policy, AT), new_id(SUBSCRIPTION)
    return ContractRequest(STORE, subscription, "FAS-1", buyer, None, line, terms, AT, None, AT)


def signed(request: ContractRequest, document: str, evidence: str) -> SignedCopyRequest:
    """The request for the signed copy of that contract."""
    return SignedCopyRequest(
        STORE, request.subscription, document, evidence, AT, "Europe/Paris", request.line.documents
    )


async def read(sessions: Sessions, parties: Parties, document: str) -> str:
    """The text of a kept document."""
    async with sessions.of(STORE) as tx:
        kept = await records.read_document(tx, document)
        assert kept is not None
        return (await parties.open_for(tx, kept.party, kept.body)).decode()


def edited(policy: StorePolicy, version: str) -> StorePolicy:
    """The store after its file moved on: another vendor, and other terms in place of the former."""
    assert policy.store.vendor is not None
    vendor = policy.store.vendor.model_copy(update={"legal_name": f"Vendor {version}"})
    store = policy.store.model_copy(update={"vendor": vendor})
    terms = tuple(
        each.model_copy(
            update={"version": version, "text": {"fr": f"Texte {version}.", "en": f"Text {version}."}}
        )
        for each in policy.documents
    )
    return dataclasses.replace(policy, store=store, documents=terms, policy_hash=f"hash of {version}")


@pytest.mark.rule("G6", "T11", "T12")
async def test_a_contract_has_the_vendor_and_the_terms_of_its_order_after_the_file_moved_on(
    sessions: Sessions, parties: Parties, policies: dict[str, StorePolicy], documents: Documents, ana: str
) -> None:
    former, later = (edited(policies[STORE], f"{new_id('record')}") for _ in range(2))
    request = asked(former, ana)
    for policy in (former, later):
        await serve_stores(sessions, {STORE: policy})
    text = await read(sessions, parties, (await documents.draw_up_contract(request)).document)
    version = former.documents[0].version
    assert f"Vendor {version}" in text
    assert f"Texte {version}." in text
    assert later.documents[0].version not in text
    async with sessions.of(STORE) as tx:
        kept = await records.read_terms(tx, former.documents[0].sha256)
    assert kept == {former.documents[0].sha256: former.documents[0].content}


async def test_without_vendor_and_text_a_contract_says_what_it_knows(
    sessions: Sessions, parties: Parties, policies: dict[str, StorePolicy], documents: Documents, ana: str
) -> None:
    unknown = dataclasses.replace(edited(policies[STORE], new_id("record")), policy_hash="never served")
    text = await read(sessions, parties, (await documents.draw_up_contract(asked(unknown, ana))).document)
    assert "<td>Fastening</td>" in " ".join(text.split()).replace("> ", ">").replace(" <", "<")
    assert "Texte sur demande" in text
    assert unknown.documents[0].sha256 in text
    assert 'class="annex"' not in text


@pytest.mark.rule("H18")
async def test_a_contract_has_the_whole_billing_address(
    sessions: Sessions, parties: Parties, policies: dict[str, StorePolicy], documents: Documents, ana: str
) -> None:
    address = {
        "lines": ["1 rue de la Paix", "Bâtiment B"],
        "postal_code": "75002",
        "city": "Paris",
        "region": "FR-75C",
        "country": "FR",
    }
    async with sessions.of(STORE) as tx:
        kept = await parties.keep(tx, STORE, ana, "billing_address", address)
    request = dataclasses.replace(asked(policies[STORE], ana), billing_address=kept)
    text = await read(sessions, parties, (await documents.draw_up_contract(request)).document)
    assert "1 rue de la Paix, Bâtiment B, 75002 Paris, FR-75C, FR" in " ".join(text.split())


@pytest.mark.rule("H23", "H4")
async def test_a_signed_copy_is_the_signed_text_with_the_signature_and_is_made_once(
    sessions: Sessions, parties: Parties, policies: dict[str, StorePolicy], documents: Documents, ana: str
) -> None:
    request = asked(policies[STORE], ana)
    drawn = await documents.draw_up_contract(request)
    async with sessions.of(STORE) as tx:
        evidence = await parties.keep(tx, STORE, ana, "signature_evidence", EVIDENCE)
        other = EVIDENCE | {"signer": EVIDENCE["signer"] | {"name": "Somebody Else"}}
        another = await parties.keep(tx, STORE, ana, "signature_evidence", other)
    copy = await documents.draw_up_signed_copy(signed(request, drawn.document, evidence))
    assert copy.document != drawn.document
    for again in (evidence, another):
        assert await documents.draw_up_signed_copy(signed(request, drawn.document, again)) == copy
    text = await read(sessions, parties, copy.document)
    shown = text.partition('<section class="signature">')[2]
    for fact in (
        "Zoé &lt;Lefèvre&gt;, Gérante",
        "2026-01-15T10:30:00+01:00",
        drawn.sha256,
        "J’accepte ce contrat.",
    ):
        assert fact in shown
    assert await read(sessions, parties, drawn.document) == text.replace(
        f'<section class="signature">{shown}', ""
    ) + ("</body>\n</html>")


async def test_no_copy_is_made_of_a_contract_that_is_not_there(
    policies: dict[str, StorePolicy], documents: Documents, ana: str
) -> None:
    with pytest.raises(DocumentMissing):
        await documents.draw_up_signed_copy(signed(asked(policies[STORE], ana), new_id("document"), "rec_1"))
