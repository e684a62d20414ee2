"""The audit: who did what, why, and how it stood before and after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.answers import Answer
from api.http.dependencies import StaffMember, TheResources
from api.http.json_bodies import StrictRoute
from api.v1.lists import Limit, Page, StoreQuery, Words
from api.v1.responses import LIST_IN_STORE
from jalon.persistence.operations import audit_pages
from jalon.persistence.operations.audit_pages import Act
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import PersonErased

routes = APIRouter(prefix="/v1/ops/audit", tags=["ops"], route_class=StrictRoute)

STANDS = ("before", "after")
"""The facts of an entry that stand apart from the rest."""


class AuditLine(Answer):
    """One act of a person. `about` is an order, a subscription, a person, or such a name as `stop/STORE/charges`, `key/…`, `repair/…`.

    `before` is null where the act began something, `after` where it ended something, both where it changed nothing. Those of an erased
    person are null. `at` is the store's time, `recorded_at` real time.
    """

    id: str
    store: str
    about: str
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    action: str
    rule: str | None
    reason: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    data: Mapping[str, Any]


class AuditPage(Page[AuditLine]):
    """A page of the audit, the latest entry first."""


@routes.get("", responses=LIST_IN_STORE)
async def list_audit(
    caller: StaffMember,
    resources: TheResources,
    store: StoreQuery = None,
    about: Annotated[Words | None, Query(max_length=200, description="Only what was done to this.")] = None,
    limit: Limit = 50,
    after: Annotated[int | None, Query(ge=1, lt=2**63, description="The `next` of the page before.")] = None,
) -> AuditPage:
    """What people did, the latest first: who, in which role, what, why, and how it stood before and after.

    `jalon audit verify` shows that no entry was changed or taken away.
    """
    seen = caller.seeing(store)
    async with resources.sessions.of(*seen) as tx:
        found = await audit_pages.page(tx, seen, limit + 1, about=about, after=after)
        data = [await _line(tx, resources.parties, act) for act in found[:limit]]
    more = len(found) > limit
    return AuditPage(data=data, has_more=more, next=data[-1].id if more else None)


async def _line(tx: AsyncConnection, parties: Parties, act: Act) -> AuditLine:
    """The entry; of a person's change, what it was is kept under the person's key."""
    stands = {name: act.data.get(name) for name in STANDS}
    if "record" in act.data:
        try:
            stands |= await parties.recall(tx, act.data["record"])
        except PersonErased:
            stands = dict.fromkeys(STANDS)
    return AuditLine(
        id=str(act.id),
        store=act.store,
        about=act.about,
        at=act.at,
        recorded_at=act.recorded_at,
        actor=act.actor,
        role=act.role,
        action=act.action,
        rule=act.rule,
        reason=act.reason,
        before=stands["before"],
        after=stands["after"],
        data={name: value for name, value in act.data.items() if name not in STANDS and value is not None},
    )
