"""Draws up the contract of a subscription, whose exact bytes are shown and signed (H4), and the copy that shows the signature (H23)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import cast

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity

from activities.contracts.documents import (
    DRAW_UP_CONTRACT,
    DRAW_UP_SIGNED_COPY,
    ContractDrawn,
    ContractRequest,
    SignedCopyRequest,
)
from jalon.domain.signatures import Signature
from jalon.domain.terms import StoreTerms, TermsDocument
from jalon.domain.terms_texts import TermsText
from jalon.domain.vendors import Vendor
from jalon.integrations.documents import Annex, ContractDocument, ContractRenderer, SignatureRecord
from jalon.integrations.mail.formats import Language
from jalon.persistence.entities import records
from jalon.persistence.ids import new_id
from jalon.persistence.people.parties import Parties, Party
from jalon.persistence.sessions import Sessions

MEDIA_TYPE = "text/html; charset=utf-8"
CONTRACT = "contract"
SIGNED_CONTRACT = "signed_contract"

_VENDOR: TypeAdapter[Vendor] = TypeAdapter(Vendor)


class DocumentMissing(Exception):
    """The contract that was signed cannot be found, so that no copy of it can be made."""


class Documents:
    """Renders documents and stores them encrypted under their customer's key."""

    def __init__(self, sessions: Sessions, parties: Parties, renderer: ContractRenderer) -> None:
        self._sessions = sessions
        self._parties = parties
        self._renderer = renderer

    @activity.defn(name=DRAW_UP_CONTRACT.name)
    async def draw_up_contract(self, request: ContractRequest) -> ContractDrawn:
        """The contract in the buyer's language. It is drawn up once, however often the activity is retried."""
        async with self._sessions.of(request.store) as tx:
            asked = request.buyer_names or request.buyer
            buyer = (await self._parties.read(tx, asked))[asked]
            body = self._renderer.render(await self._facts(tx, request, buyer))
            document = records.Document(
                id=new_id("document"),
                entity=request.subscription,
                language=buyer.language,
                sha256="",
                media_type=MEDIA_TYPE,
                party=request.buyer,
                body=b"",
            )
            return await self._keep(tx, request.store, document, CONTRACT, body, request.at)

    @activity.defn(name=DRAW_UP_SIGNED_COPY.name)
    async def draw_up_signed_copy(self, request: SignedCopyRequest) -> ContractDrawn:
        """The contract that was signed, followed by its signature. It is drawn up once. Raises DocumentMissing."""
        async with self._sessions.of(request.store) as tx:
            contract = await records.read_document(tx, request.document)
            if contract is None:
                raise DocumentMissing(request.document)
            signed = await self._parties.open_for(tx, contract.party, contract.body)
            record = SignatureRecord(
                language=cast(Language, contract.language),
                zone=request.zone,
                signature=Signature.of(await self._parties.recall(tx, request.evidence)),
                signed_at=request.signed_at,
                document_sha256=contract.sha256,
                terms=request.documents,
                evidence=request.evidence,
            )
            body = self._renderer.signed(signed, record)
            copy = replace(contract, id=new_id("document"))
            return await self._keep(tx, request.store, copy, SIGNED_CONTRACT, body, request.signed_at)

    async def _keep(
        self,
        tx: AsyncConnection,
        store: str,
        document: records.Document,
        kind: str,
        body: bytes,
        at: datetime,
    ) -> ContractDrawn:
        sealed = await self._parties.seal_for(tx, document.party, body)
        made = replace(document, sha256=hashlib.sha256(body).hexdigest(), body=sealed)
        return ContractDrawn(*await records.keep_document(tx, store, made, kind, at))

    async def _facts(self, tx: AsyncConnection, request: ContractRequest, buyer: Party) -> ContractDocument:
        address = await self._parties.recall(tx, request.billing_address) if request.billing_address else {}
        place = " ".join(filter(None, (address.get("postal_code"), address.get("city"))))
        lines = (*address.get("lines", ()), place, address.get("region"), address.get("country"))
        return ContractDocument(
            language=cast(Language, buyer.language),
            vendor=await _vendor(tx, request.terms),
            store=request.terms,
            line=request.line,
            annexes=await _annexes(
                tx, request.line.documents, buyer.language, request.terms.default_language
            ),
            order_number=request.order_number,
            subscription_number=request.subscription,
            customer_name=", ".join(filter(None, (buyer.company, buyer.name))),
            customer_address=", ".join(line for line in lines if line),
            placed_at=request.ordered_at,
            activate_by=request.activate_by,
        )


async def _vendor(tx: AsyncConnection, terms: StoreTerms) -> Vendor:
    """The vendor as the policy of the order named it (G6); the store's name where it named none."""
    named = (await records.read_policy(tx, terms.store, terms.policy_hash)).get("vendor")
    return _VENDOR.validate_python(named) if named else Vendor(terms.name)


async def _annexes(
    tx: AsyncConnection, documents: tuple[TermsDocument, ...], *languages: str
) -> tuple[Annex, ...]:
    """The terms that apply, with the text of each in the first of the languages in which it is written."""
    kept = await records.read_terms(tx, *(document.sha256 for document in documents))
    annexes = []
    for document in documents:
        content = kept.get(document.sha256)
        text = TermsText.read(content) if content is not None else None
        spoken = text.language(*languages) if text else None
        annexes.append(
            Annex(
                document.layer,
                document.version,
                document.sha256,
                title=text.title.get(spoken) if text and spoken else None,
                text=text.text[spoken] if text and spoken else None,
                language=spoken,
            )
        )
    return tuple(annexes)
