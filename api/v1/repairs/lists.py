"""The steps of a plan and of a repair, of any number, page by page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.answers import Answer
from api.http.dependencies import ParkedReader, TheResources
from api.http.errors import not_found
from api.http.json_bodies import StrictRoute
from api.v1.lists import Limit
from api.v1.repairs.answers import PlannedItem, RepairedItem, planned_item, repaired_item
from api.v1.responses import READ
from jalon.domain.repairs.names import ItemState, RepairState
from jalon.persistence.repairs import items, jobs
from jalon.persistence.repairs.jobs import Repair

routes = APIRouter(prefix="/v1/ops/repairs", tags=["ops"], route_class=StrictRoute)

Outcome = Annotated[
    ItemState | None,
    Query(description="Only items of this outcome: healed, parked_again, parked_other, refused, or not yet."),
]
AfterItem = Annotated[int, Query(ge=0, lt=2**31, description="The `next` of the page before.")]
LeftOut = Annotated[
    bool | None, Query(description="Only the steps that are left out, or only those that are not.")
]


class PlannedItemPage(Answer):
    """A page of a plan's items in its order. `next` is the cursor to send as `after`, None on the last page."""

    data: list[PlannedItem]
    has_more: bool
    next: int | None


class ItemPage(Answer):
    """A page of items in the order of the plan. `next` is the cursor to send as `after`, None on the last page."""

    data: list[RepairedItem]
    has_more: bool
    next: int | None


@routes.get("/plans/{plan_id}/items", responses=READ)
async def list_plan_items(
    plan_id: str,
    caller: ParkedReader,
    resources: TheResources,
    left_out: LeftOut = None,
    limit: Limit = 50,
    after: AfterItem = 0,
) -> PlannedItemPage:
    """What a plan says of each of its steps, in its order."""
    states = None
    if left_out is not None:
        states = [state for state in ItemState if (state is ItemState.REFUSED) is left_out]
    async with resources.sessions.of(*caller.stores) as tx:
        row = await known_repair(tx, plan_id)
        found = await items.listed(tx, row.id, limit + 1, after, states)
    more = len(found) > limit
    data = [planned_item(item) for item in found[:limit]]
    return PlannedItemPage(data=data, has_more=more, next=found[limit - 1].n if more else None)


@routes.get("/{repair_id}/items", responses=READ)
async def list_repair_items(
    repair_id: str,
    caller: ParkedReader,
    resources: TheResources,
    outcome: Outcome = None,
    limit: Limit = 50,
    after: AfterItem = 0,
) -> ItemPage:
    """The steps of a repair in the order of its plan, all of them or those of one outcome."""
    async with resources.sessions.of(*caller.stores) as tx:
        row = await started_repair(tx, repair_id)
        found = await items.listed(tx, row.id, limit + 1, after, None if outcome is None else [outcome])
    more = len(found) > limit
    data = [repaired_item(item) for item in found[:limit]]
    return ItemPage(data=data, has_more=more, next=data[-1].n if more else None)


async def known_repair(tx: AsyncConnection, repair: str, *, lock: bool = False) -> Repair:
    """The plan or repair with this id. Raises Problem where the transaction sees none."""
    found = await jobs.read(tx, repair, lock=lock)
    if found is None:
        raise not_found("No repair")
    return found


async def started_repair(tx: AsyncConnection, repair: str) -> Repair:
    """The repair with this id. Raises Problem for a plan that nobody started."""
    row = await known_repair(tx, repair)
    if row.state is RepairState.PLANNED:
        raise not_found("No repair")
    return row
