"""The routes of quotes under /v1."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Reader, Shopper, TheResources
from api.http.writing import Idempotent, TheSubmitter, existing
from api.v1.lists import seen
from api.v1.timelines.answers import EntityTimeline
from api.v1.timelines.routes import timeline_of
from api.v1.writes import written
from jalon.inbox.writes import Target
from jalon.persistence.ids import new_id
from jalon.persistence.inbox.targets import TargetState
from tests.support.quotes.kind import QUOTE
from tests.support.quotes.lifecycle import AcceptQuote, OfferQuote

routes = APIRouter(prefix="/v1/quotes")


def _shown(view: Any, *_: Any) -> JSONResponse:
    return JSONResponse(view)


@routes.post("")
async def offer_quote(
    store: str, caller: Shopper, idempotent: Idempotent, submitter: TheSubmitter
) -> JSONResponse:
    """Offers a price."""

    async def compose(_: AsyncConnection, __: TargetState) -> OfferQuote:
        return OfferQuote("QUO-1", "900.00")

    target = Target(QUOTE.name, new_id(QUOTE), store, new=True)
    return written(await submitter.submit(caller, idempotent, target, compose), caller, _shown)


@routes.post("/{quote}/accept")
async def accept_quote(
    quote: str, caller: Shopper, idempotent: Idempotent, submitter: TheSubmitter
) -> JSONResponse:
    """Takes the offer."""

    async def compose(_: AsyncConnection, __: TargetState) -> AcceptQuote:
        return AcceptQuote()

    return written(
        await submitter.submit(caller, idempotent, existing(QUOTE, quote), compose), caller, _shown
    )


@routes.get("/{quote}/timeline")
async def read_quote_timeline(quote: str, caller: Reader, resources: TheResources) -> EntityTimeline:
    """The quote's timeline."""
    async with resources.sessions.of(*caller.stores) as tx:
        return await timeline_of(tx, resources, caller, await seen(tx, QUOTE, quote))
