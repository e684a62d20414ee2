"""Draws up the contract of a subscription: one document, the very bytes that are shown and signed (H4)."""

from __future__ import annotations

import hashlib

from temporalio import activity

from activities.contracts import DRAW_UP_CONTRACT, ContractDrawn, ContractRequest
from integrations.documents import ContractFacts, ContractRenderer
from persistence import records
from persistence.ids import new_id
from persistence.parties import Parties
from persistence.sessions import Sessions

MEDIA_TYPE = "text/html; charset=utf-8"


class Documents:
    """Renders documents and keeps them sealed under their customer's key."""

    def __init__(self, sessions: Sessions, parties: Parties, renderer: ContractRenderer) -> None:
        self._sessions = sessions
        self._parties = parties
        self._renderer = renderer

    @activity.defn(name=DRAW_UP_CONTRACT.name)
    async def draw_up_contract(self, request: ContractRequest) -> ContractDrawn:
        """The contract in the buyer's language; drawn up once, whatever is tried again."""
        async with self._sessions.of(request.store) as tx:
            people = await self._parties.read(tx, request.buyer)
            buyer = people[request.buyer]
            facts = ContractFacts(
                request.order_number, buyer.name, buyer.company, request.line, request.terms
            )
            body = self._renderer.render(facts, buyer.language)
            document = records.Document(
                id=new_id("document"),
                entity=request.subscription,
                language=buyer.language,
                sha256=hashlib.sha256(body).hexdigest(),
                media_type=MEDIA_TYPE,
                party=request.buyer,
                body=await self._parties.seal_for(tx, request.buyer, body),
            )
            kept, sha256 = await records.keep_document(tx, request.store, document, "contract", request.at)
        return ContractDrawn(kept, sha256)
