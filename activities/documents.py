"""Draws up the contract of a subscription as one document; its exact bytes are shown and signed (H4)."""

from __future__ import annotations

import hashlib
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity

from activities.contracts.documents import DRAW_UP_CONTRACT, ContractDrawn, ContractRequest
from jalon.integrations.documents import ContractDocument, ContractRenderer
from jalon.integrations.mail.formats import Language
from jalon.persistence.entities import records
from jalon.persistence.ids import new_id
from jalon.persistence.people.parties import Parties, Party
from jalon.persistence.sessions import Sessions

MEDIA_TYPE = "text/html; charset=utf-8"


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
                sha256=hashlib.sha256(body).hexdigest(),
                media_type=MEDIA_TYPE,
                party=request.buyer,
                body=await self._parties.seal_for(tx, request.buyer, body),
            )
            kept, sha256 = await records.keep_document(tx, request.store, document, "contract", request.at)
        return ContractDrawn(kept, sha256)

    async def _facts(self, tx: AsyncConnection, request: ContractRequest, buyer: Party) -> ContractDocument:
        address = await self._parties.recall(tx, request.billing_address) if request.billing_address else {}
        place = " ".join(filter(None, (address.get("postal_code"), address.get("city"))))
        lines = (*address.get("lines", ()), place, address.get("region"), address.get("country"))
        return ContractDocument(
            language=cast(Language, buyer.language),
            store=request.terms,
            line=request.line,
            order_number=request.order_number,
            subscription_number=request.subscription,
            customer_name=", ".join(filter(None, (buyer.company, buyer.name))),
            customer_address=", ".join(line for line in lines if line),
            placed_at=request.ordered_at,
            activate_by=request.activate_by,
        )
