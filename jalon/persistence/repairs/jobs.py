"""Plans and repairs: one row from its plan to its end."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.repairs.course import Progress
from jalon.domain.repairs.names import RepairAction, RepairState


@dataclass(frozen=True, slots=True)
class Options:
    """How a repair goes: what is edited or proven, how many go first, its pace, and the share of failures that stops it."""

    canary: int
    per_minute: int | None
    stop_at_error_rate: float
    edit: dict[str, Any] | None = None
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan says, before it is recorded and after."""

    id: str
    stores: tuple[str, ...]
    name: str
    action: RepairAction
    reason: str
    cause: str | None
    options: Options
    command: str
    body: dict[str, Any]
    version: str
    needs_second_person: bool
    planned_by: str


@dataclass(frozen=True, slots=True)
class NewPlan(Planned):
    """A plan before it is recorded."""

    lasts_seconds: float


@dataclass(frozen=True, slots=True)
class Repair(Planned):
    """A plan or a repair. Instants are real time."""

    planned_at: datetime
    expires_at: datetime
    expired: bool
    state: RepairState
    why: str | None
    started_by: str | None
    started_role: str | None
    started_key: dict[str, Any] | None
    started_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    ended_at: datetime | None


_COLUMNS = """id, stores, name, action, reason, cause, options, command, body, version, needs_second_person, planned_by, planned_at,
              expires_at, expires_at < clock_timestamp() as expired, state, why, started_by, started_role, started_key, started_at,
              approved_by, approved_at, ended_at"""
_PLAN = text(
    f"""insert into repair (id, store_id, stores, name, action, reason, cause, options, command, body, version, needs_second_person,
                            planned_by, expires_at)
        values (:id, :store, cast(:stores as text[]), :name, :action, :reason, :cause, cast(:options as jsonb), :command,
                cast(:body as jsonb), :version, :needs_second_person, :planned_by,
                clock_timestamp() + make_interval(secs => :lasts_seconds))
        returning {_COLUMNS}"""
)
_READ = text(f"select {_COLUMNS} from repair where id = :id")
_LOCK = text(f"select {_COLUMNS} from repair where id = :id for update")
_LIST = text(
    f"""select {_COLUMNS} from repair
        where started_at is not null
          and (cast(:after as text) is null or (started_at, id) < (select started_at, id from repair where id = :after))
        order by started_at desc, id desc limit :limit"""
)
_START = text(
    """update repair set state = :state, started_by = :person, started_role = :role, started_key = cast(:key as jsonb),
                         started_at = clock_timestamp() where id = :id"""
)
_APPROVE = text(
    "update repair set state = 'canary', engaged = false, approved_by = :person, approved_at = clock_timestamp() where id = :id"
)
_MOVE = text("update repair set state = :state, why = :why, engaged = false where id = :id")
_RESUME = text(
    """update repair set state = 'canary', why = null, engaged = false,
           forgiven = case when state = 'stopped' then c.failed else forgiven end,
           forgiven_of = case when state = 'stopped' then c.settled else forgiven_of end
       from (select count(*) filter (where state <> 'healed') as failed, count(*) as settled from repair_item
             where repair_id = :id and settled_at is not null) c
       where id = :id"""
)
_BECOME = text(
    "update repair set state = :state, why = :why where id = :id and state in ('canary', 'running')"
)
_END = text("update repair set ended_at = coalesce(ended_at, clock_timestamp()) where id = :id")
_ENGAGED = text("update repair set engaged = true where id = :id")
_UNENGAGED = text(
    """select id, stores, name from repair
       where started_at is not null and ended_at is null and not engaged and state <> 'awaiting_approval' order by id limit 20"""
)
_PROGRESS = text(
    """select r.state, (r.options ->> 'per_minute')::int as per_minute,
              (r.options ->> 'stop_at_error_rate')::float as stop_at_error_rate, r.forgiven, r.forgiven_of, c.*
       from repair r cross join lateral (
           select count(*) filter (where i.state = 'unsent') as unsent, count(*) filter (where i.state = 'sent') as pending,
                  count(*) filter (where i.state = 'healed') as healed,
                  count(*) filter (where i.settled_at is not null and i.state <> 'healed') as failed,
                  count(*) filter (where i.state = 'unsent' and i.n <= r_canary) as canary_unsent,
                  count(*) filter (where i.state = 'sent' and i.n <= r_canary) as canary_pending
           from repair_item i cross join (
               select coalesce((select max(n) from (select n from repair_item where repair_id = :id and plan <> '{}'::jsonb order by n
                                                    limit (r.options ->> 'canary')::int) first), 0) as r_canary) canary
           where i.repair_id = :id) c
       where r.id = :id"""
)


def _repair(row: Row[Any]) -> Repair:
    told = row._asdict()
    return Repair(
        **told
        | {
            "stores": tuple(row.stores),
            "action": RepairAction(row.action),
            "state": RepairState(row.state),
            "options": Options(**row.options),
        }
    )


async def keep_plan(tx: AsyncConnection, plan: NewPlan) -> Repair:
    """Records a plan."""
    told = asdict(plan) | {
        "stores": list(plan.stores),
        "store": plan.stores[0] if len(plan.stores) == 1 else None,
        "options": json.dumps(asdict(plan.options)),
        "body": json.dumps(plan.body),
    }
    return _repair((await tx.execute(_PLAN, told)).one())


async def read(tx: AsyncConnection, repair: str, *, lock: bool = False) -> Repair | None:
    """The plan or repair with this id, where the transaction sees all of its stores. `lock` holds it until the transaction ends."""
    row = (await tx.execute(_LOCK if lock else _READ, {"id": repair})).one_or_none()
    return None if row is None else _repair(row)


async def started(tx: AsyncConnection, limit: int, after: str | None = None) -> list[Repair]:
    """Repairs that were started, the latest first, of those after `after`."""
    return [_repair(row) for row in await tx.execute(_LIST, {"limit": limit, "after": after})]


async def start(
    tx: AsyncConnection, repair: str, state: RepairState, person: str, role: str, key: dict[str, Any]
) -> None:
    """Makes a plan a repair, with the person who started it and the key."""
    told = {"id": repair, "state": state, "person": person, "role": role, "key": json.dumps(key)}
    await tx.execute(_START, told)


async def approve(tx: AsyncConnection, repair: str, person: str) -> None:
    """Lets a repair begin that waited for a second person."""
    await tx.execute(_APPROVE, {"id": repair, "person": person})


async def move(tx: AsyncConnection, repair: str, state: RepairState, why: str) -> None:
    """Pauses or aborts a repair for a person, with the reason."""
    await tx.execute(_MOVE, {"id": repair, "state": state, "why": why})


async def resume(tx: AsyncConnection, repair: str) -> None:
    """Lets a repair go on. What did not heal before it had stopped counts no more toward its error rate."""
    await tx.execute(_RESUME, {"id": repair})


async def become(tx: AsyncConnection, repair: str, state: RepairState, why: str | None) -> None:
    """Moves a repair by its own decision. A person who paused or aborted it meanwhile comes first."""
    await tx.execute(_BECOME, {"id": repair, "state": state, "why": why})


async def end(tx: AsyncConnection, repair: str) -> None:
    """Records that nothing of the repair is under way any more."""
    await tx.execute(_END, {"id": repair})


async def note_engaged(tx: AsyncConnection, repair: str) -> None:
    """Records that the workflow of the repair was started."""
    await tx.execute(_ENGAGED, {"id": repair})


async def unengaged(tx: AsyncConnection) -> list[tuple[str, tuple[str, ...], str]]:
    """Repairs whose workflow may not have been started, or not have heard of a change, as (id, stores, name)."""
    return [(row.id, tuple(row.stores), row.name) for row in await tx.execute(_UNENGAGED)]


async def progress(tx: AsyncConnection, repair: str) -> Progress:
    """The counts of a repair as they stand. The canary are the first entities that the plan did not refuse."""
    row = (await tx.execute(_PROGRESS, {"id": repair})).one()
    return Progress(
        state=RepairState(row.state),
        unsent=row.unsent,
        pending=row.pending,
        healed=row.healed,
        failed=row.failed,
        canary_unsent=row.canary_unsent,
        canary_pending=row.canary_pending,
        per_minute=row.per_minute,
        stop_at_error_rate=row.stop_at_error_rate,
        forgiven=row.forgiven,
        forgiven_of=row.forgiven_of,
    )
