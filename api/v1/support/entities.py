"""One order or subscription for support: its overview and its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from api.http.dependencies import Searcher, TheResources
from api.http.json_bodies import StrictRoute
from api.v1.lists import Limit, Words, seen
from api.v1.responses import READ
from api.v1.support.cursors import LONGEST, cursor_of_place, place_of_cursor
from api.v1.support.history import Around, History, history_line, opened_notes, people_named, wanted_of
from api.v1.support.overview import overview_of
from api.v1.support.overview_answers import Overview
from api.v1.support.reading import read_known
from api.v1.support.spoken import Spoken
from api.web.hosted.pages import pages_of
from jalon.domain.kinds import KINDS, ORDER
from jalon.persistence.entities import entities, histories, overviews
from jalon.persistence.entities.histories import ItemKind

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


After = Annotated[Words | None, Query(max_length=LONGEST, description="The `next` of the page before.")]
Include = Annotated[
    Literal["subscriptions"] | None, Query(description="Merges what happened to the order's subscriptions.")
]
Kinds = Annotated[
    Sequence[ItemKind],
    Query(
        max_length=len(ItemKind), description="Only these kinds, one in each `kind`; without it everything."
    ),
]


@routes.get("/{entity_id}/history", responses=READ)
async def read_history(
    entity_id: str,
    caller: Searcher,
    resources: TheResources,
    lang: Lang = "en",
    include: Include = None,
    kind: Kinds = (),
    limit: Limit = 50,
    after: After = None,
) -> History:
    """Everything that was recorded about an order or a subscription, the latest record first, with the why of each.

    Receipts are kept for 30 days; what they caused stays.
    """
    place = place_of_cursor(after)
    async with resources.sessions.of(*caller.stores) as tx:
        asked = await seen(tx, KINDS.of_id(entity_id) or ORDER, entity_id)
        wanted = [entity_id]
        if include and asked.kind == ORDER.name:
            wanted += [each.id for each in await entities.of_order(tx, entity_id)]
        items, following = await histories.page(tx, wanted, limit, place, wanted_of(kind))
        terms = await overviews.terms(tx, [*wanted, asked.view.get("order_id") or entity_id])
        named = people_named(items)
        people = await resources.parties.read(tx, *named) if named else {}
    zone = resources.policies[asked.store].store.zone
    spoken = Spoken.of(resources.settings.templates_dir, lang, zone)
    around = Around(asked, people, opened_notes(resources.vault, items), terms)
    return History(
        data=[history_line(item, around, spoken, zone) for item in items],
        has_more=following is not None,
        next=cursor_of_place(following) if following else None,
    )
