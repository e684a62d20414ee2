"""Emergency stops of charges and of e-mail, store by store."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.answers import Answer
from api.http.dependencies import OutageKeeper, ParkedReader, TheResources
from api.http.json_bodies import StrictRoute
from api.http.writing import Idempotent, TheSubmitter
from api.v1.lists import StoreQuery
from api.v1.operations.bodies import ChangeStop
from api.v1.responses import LIST_IN_STORE, WRITE_HERE
from jalon.domain.stops import Stop
from jalon.persistence.operations import stops

routes = APIRouter(prefix="/v1/ops/stops", tags=["ops"], route_class=StrictRoute)


class EmergencyStop(Answer):
    """Whether charges or e-mail are stopped in a store. `since`, in real time, `actor` and `reason` are of the last change, if any."""

    store: str
    what: Stop
    stopped: bool
    since: datetime | None
    actor: str | None
    reason: str | None


class StopList(Answer):
    """What is stopped and what is not, in every store."""

    data: list[EmergencyStop]


@routes.get("", responses=LIST_IN_STORE)
async def list_stops(caller: ParkedReader, resources: TheResources, store: StoreQuery = None) -> StopList:
    """Whether charges and e-mail are stopped, in each store."""
    seen = caller.seeing(store)
    async with resources.sessions.of(*seen) as tx:
        found = await stops.listed(tx, seen)
    return StopList(data=[EmergencyStop(**asdict(each)) for each in found])


@routes.put("", responses=WRITE_HERE)
async def change_stop(
    body: ChangeStop, caller: OutageKeeper, idempotent: Idempotent, submitter: TheSubmitter
) -> EmergencyStop:
    """Stops charges or e-mail in a store, or lets them go on.

    While charges are stopped no provider is asked for money or for a mandate; refunds, releases and look-ups go on. While e-mail is
    stopped none leaves but the codes to sign in. Nothing parks. Once the stop is lifted everything goes on within a minute, once each.
    """
    (store,) = caller.seeing(body.store)

    async def change(tx: AsyncConnection) -> dict[str, Any]:
        changed = await stops.change(
            tx,
            store,
            body.what,
            stopped=body.stopped,
            actor=caller.actor,
            role=caller.role,
            reason=body.reason,
        )
        told: dict[str, Any] = to_jsonable_python(changed)
        return told

    outcome, _ = await submitter.settle_here(caller, idempotent, store, "change_stop", change)
    return EmergencyStop(**outcome)
