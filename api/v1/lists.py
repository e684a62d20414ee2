"""Lists and single reads, with their filters and cursors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.fields import Form, Id, StoreId
from api.http.answers import Answer
from api.http.errors import Problem, not_found
from api.http.resources import ApiResources
from api.v1.targets import not_yet_open
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import KINDS, Kind
from jalon.domain.violations import Violation
from jalon.inbox.caller import Caller
from jalon.persistence.entities import entities
from jalon.persistence.entities.entities import Entity, Filters, people_in
from jalon.persistence.inbox import receipts
from jalon.persistence.operations import clocks
from jalon.persistence.people.parties import Parties, Party

Shown = TypeVar("Shown")
ShowView = Callable[[Mapping[str, Any], Mapping[str, Party], str], Shown]
"""Makes an answer of a stored view, with the people it refers to, for a role."""

LIMIT_AT_MOST = 100
Limit = Annotated[int, Query(ge=1, le=LIMIT_AT_MOST, description="How many at most.")]
Words = Annotated[str, Form(r"[^\x00]*", "holds a NUL, which is no text")]
After = Annotated[Words | None, Query(max_length=120, description="The `next` of the page before.")]
AfterId = Annotated[Id | None, Query(description="The `next` of the page before.")]
StoreQuery = Annotated[
    StoreId | None, Query(description="Only this store; without it every store of the key.")
]


class ClockOfStore(Answer):
    """The present instant of a store, by which ages in it are told."""

    store: str
    now: datetime


class Page(Answer, Generic[Shown]):
    """A page. `next` is the cursor to send as `after` for the following page, None on the last one."""

    data: list[Shown]
    has_more: bool
    next: str | None


async def page(
    resources: ApiResources,
    caller: Caller,
    filters: Filters,
    buyer_email: str | None,
    show: ShowView[Shown],
) -> tuple[list[Shown], str | None]:
    """One page of orders or subscriptions, and the cursor of the next. Raises Problem for an invalid cursor."""
    async with resources.sessions.of(*filters.stores) as tx:
        if (
            filters.after is not None
            and await entities.find(tx, KINDS.named(filters.kind), filters.after) is None
        ):
            raise no_cursor(filters.after)
        if buyer_email is not None:
            filters = replace(filters, buyers=await resources.parties.find(tx, buyer_email))
        found = await entities.listed(tx, filters)
        shown = found[: filters.limit]
        data = await show_all(tx, resources.parties, shown, caller.role, show)
    return data, shown[-1].id if len(found) > filters.limit else None


async def show_all(
    tx: AsyncConnection, parties: Parties, found: Sequence[Entity], role: str, show: ShowView[Shown]
) -> list[Shown]:
    """Entities as answers; reads the people of all of them at once."""
    people = await people_of(tx, parties, found)
    return [show(entity.view, people, role) for entity in found]


async def people_of(tx: AsyncConnection, parties: Parties, found: Sequence[Entity]) -> dict[str, Party]:
    """The people whom the entities refer to, by id."""
    wanted = people_in(entity.view for entity in found)
    return await parties.read(tx, *wanted) if wanted else {}


def no_cursor(after: str | int) -> Problem:
    """The problem of a cursor that is not in the list."""
    message = f"after: {after} is not in this list; use the `next` of the page before, or leave it out"
    violation = Violation(ErrorCode.CURSOR_UNKNOWN, message)
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, ErrorCode.CURSOR_UNKNOWN, message, violations=(violation,)
    )


def cursor_of(since: str, entity: str) -> str:
    """The cursor of a worklist: what an entity waits for may be over by the next page, so that its instant stands in the cursor."""
    return f"{since}/{entity}"


def place_of(after: str) -> tuple[str, str]:
    """The instant and the id that a cursor of a worklist names. Raises Problem for what is no cursor."""
    since, _, last = after.partition("/")
    try:
        datetime.fromisoformat(since)
    except ValueError:
        raise no_cursor(after) from None
    if KINDS.of_id(last) is None:
        raise no_cursor(after)
    return since, last


async def clocks_of(tx: AsyncConnection, found: Sequence[Entity]) -> list[ClockOfStore]:
    """The present instant of each store that these entities are of."""
    now = await clocks.each_now(tx, (each.store for each in found))
    return [ClockOfStore(store=store, now=at) for store, at in now.items()]


async def seen(tx: AsyncConnection, kind: Kind[Any], entity: str) -> Entity:
    """The order or subscription with this id. Raises Problem where the caller cannot see it, or where it is not open yet."""
    found = await entities.find(tx, kind, entity)
    if found is None and kind.is_id(entity) and await receipts.is_pending(tx, entity):
        raise not_yet_open(kind)
    if found is None:
        raise not_found(f"No {kind.name}")
    return found


async def read_one(
    resources: ApiResources, caller: Caller, kind: Kind[Any], entity: str, show: ShowView[Shown]
) -> Shown:
    """The entity as an answer. Raises Problem where the caller cannot see it."""
    async with resources.sessions.of(*caller.stores) as tx:
        found = await seen(tx, kind, entity)
        (answer,) = await show_all(tx, resources.parties, [found], caller.role, show)
    return answer
