"""Support: find any order in seconds, and see which ones wait for a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from api.http.dependencies import Searcher, TheResources
from api.http.rendering import rendered_all
from api.v1.answers import FOUND, TASKS
from api.v1.lists import Limit
from jalon.persistence.operations import worklists

routes = APIRouter(prefix="/v1/support", tags=["support"])


@routes.get("/search", responses=FOUND, response_model=None)
async def search(
    q: Annotated[str, Query(min_length=1, max_length=254, description="An exact e-mail, number or id.")],
    caller: Searcher,
    resources: TheResources,
    limit: Limit = 20,
) -> Response:
    """Orders and subscriptions by exact e-mail address, order number, purchase-order number or id."""
    query = q.strip()
    async with resources.sessions.of(*caller.stores) as tx:
        people = await resources.parties.find(tx, query) if "@" in query else []
        found = [] if "@" in query and not people else await worklists.search(tx, query, people, limit)
        data = await rendered_all(tx, resources.parties, found, caller.role)
    kinds = [{"kind": entity.kind} for entity in found]
    return JSONResponse({"data": [kind | view for kind, view in zip(kinds, data, strict=True)]})


@routes.get("/tasks", responses=TASKS, response_model=None)
async def tasks(caller: Searcher, resources: TheResources, limit: Limit = 50) -> Response:
    """Orders without news for too long: their buyers are to be contacted, the longest waiting first (T10)."""
    async with resources.sessions.of(*caller.stores) as tx:
        found = await worklists.delayed_orders(tx, limit)
        data = await rendered_all(tx, resources.parties, found, caller.role)
    return JSONResponse(
        {
            "data": [
                {
                    "task": "contact_buyer",
                    "rule": "T10",
                    "since": order["delayed_at"],
                    "contact": resources.policies[order["store"]].route("order_late"),
                    "order": order,
                }
                for order in data
            ]
        }
    )
