"""One order or subscription for support: its overview."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from api.http.dependencies import Searcher, TheResources
from api.http.json_bodies import StrictRoute
from api.v1.responses import READ
from api.v1.support.overview import overview_of
from api.v1.support.overview_answers import Overview
from api.v1.support.reading import read_known
from api.v1.support.spoken import Spoken
from api.web.hosted.pages import pages_of

routes = APIRouter(prefix="/v1/support/entities", tags=["support"], route_class=StrictRoute)

Lang = Annotated[Literal["en", "fr"], Query(description="The language of all words.")]


@routes.get("/{entity_id}", responses=READ)
async def read_overview(
    request: Request, entity_id: str, caller: Searcher, resources: TheResources, lang: Lang = "en"
) -> Overview:
    """What an order or a subscription waits for, whose turn it is and until when, what was paid, and what can be done.

    `sentence` can be read out to the customer. Every other word is for staff.
    """
    async with resources.sessions.of(*caller.stores) as tx:
        known = await read_known(tx, resources, entity_id)
    spoken = Spoken.of(resources.settings.templates_dir, lang, known.policy.store.zone)
    return overview_of(known, spoken, pages_of(request), resources.settings, caller.role)
