"""Calls of operators about repairs in bulk: planned, started by the version of the plan, followed and steered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from jalon.client.calls import Call, body_of, path_to, query_of
from jalon.client.shapes import Page

Action = Literal["retry", "skip", "compensate", "reset"]
Outcome = Literal["healed", "parked_again", "parked_other", "refused", "unsent", "sent"]


class PlanSum(TypedDict):
    """What a plan says of `count` steps."""

    what: str
    words: str
    count: int
    money: list[dict[str, str]]


class RepairPlan(TypedDict):
    """What a repair would do; it is started by its `version`."""

    plan: str
    version: str
    name: str
    action: str
    reason: str
    cause: str | None
    stores: list[str]
    count: int
    refused_count: int
    will: list[PlanSum]
    will_not_repeat: list[PlanSum]
    might: list[PlanSum]
    held: list[str]
    refused: list[dict[str, str]]
    money: list[dict[str, str]]
    needs_second_person: bool
    canary: int
    per_minute: int | None
    stop_at_error_rate: float
    items: list[dict[str, Any]]
    planned_by: str
    expires_at: str


class RepairedItem(TypedDict):
    """One step of a repair, and what became of it."""

    n: int
    entity: str
    store: str
    number: str | None
    step: str
    outcome: str
    sent_at: str | None
    settled_at: str | None
    found_step: str | None
    found_cause: str | None
    code: str | None
    message: str | None


class RepairCounts(TypedDict):
    """How many steps came to which outcome."""

    total: int
    pending: int
    healed: int
    parked_again: int
    parked_other: int
    refused: int


class Repair(TypedDict):
    """A repair as it stands; each list holds its first hundred steps."""

    id: str
    name: str
    action: str
    state: str
    why: str | None
    reason: str
    cause: str | None
    stores: list[str]
    counts: RepairCounts
    healed: list[RepairedItem]
    parked_again: list[RepairedItem]
    parked_other: list[RepairedItem]
    refused: list[RepairedItem]
    needs_second_person: bool
    planned_by: str
    started_by: str | None
    started_at: str | None
    approved_by: str | None
    ended_at: str | None
    report: str


def plan(
    name: str,
    action: Action,
    reason: str,
    *,
    cause: str | None = None,
    store: str | None = None,
    steps: Sequence[tuple[str, str]] | None = None,
    edit: Mapping[str, Any] | None = None,
    evidence: str | Mapping[str, str] | None = None,
    canary: int | None = None,
    per_minute: int | None = None,
    stop_at_error_rate: float | None = None,
) -> Call[RepairPlan]:
    """Says what a repair would do, and does nothing. It is of a `cause`, in one `store` or all, or of `steps` as (entity, step)."""
    named = None if steps is None else [{"id": entity, "step": step} for entity, step in steps]
    given = body_of(
        name=name,
        action=action,
        reason=reason,
        selection=body_of(cause=cause, store=store, entities=named),
        edit=edit,
        evidence=evidence,
        canary=canary,
        per_minute=per_minute,
        stop_at_error_rate=stop_at_error_rate,
    )
    return Call("POST", path_to("ops", "repairs", "plan"), given)


def read_plan(plan_id: str) -> Call[RepairPlan]:
    """A plan that was made, as its steps stand now."""
    return Call("GET", path_to("ops", "repairs", "plans", plan_id))


def plan_items(
    plan_id: str, *, left_out: bool | None = None, limit: int | None = None, after: int | None = None
) -> Call[Page[dict[str, Any]]]:
    """One page of what a plan says of its steps, of all or of those that are left out."""
    told = None if left_out is None else str(left_out).lower()
    query = query_of(left_out=told, limit=limit, after=after)
    return Call("GET", path_to("ops", "repairs", "plans", plan_id, "items"), query=query)


def start(plan_id: str, version: str) -> Call[Repair]:
    """Starts a plan by the version that was read. The error `plan_changed` names a fresh plan in `problem["plan"]`."""
    return Call("POST", path_to("ops", "repairs"), {"plan": plan_id, "version": version})


def listed(*, limit: int | None = None, after: str | None = None) -> Call[Page[Repair]]:
    """One page of the repairs that were started, the latest first."""
    return Call("GET", path_to("ops", "repairs"), query=query_of(limit=limit, after=after))


def read(repair: str) -> Call[Repair]:
    """A repair as it stands."""
    return Call("GET", path_to("ops", "repairs", repair))


def items(
    repair: str, outcome: Outcome | None = None, *, limit: int | None = None, after: int | None = None
) -> Call[Page[RepairedItem]]:
    """One page of the steps of a repair, all of them or those of one outcome."""
    query = query_of(outcome=outcome, limit=limit, after=after)
    return Call("GET", path_to("ops", "repairs", repair, "items"), query=query)


def approve(repair: str, reason: str) -> Call[Repair]:
    """Approves a repair as its second person."""
    return _moved(repair, "approve", reason)


def pause(repair: str, reason: str) -> Call[Repair]:
    """Pauses a repair: no further step gets its command."""
    return _moved(repair, "pause", reason)


def resume(repair: str, reason: str) -> Call[Repair]:
    """Resumes a repair that somebody paused, or that stopped by itself."""
    return _moved(repair, "resume", reason)


def abort(repair: str, reason: str) -> Call[Repair]:
    """Ends a repair for good."""
    return _moved(repair, "abort", reason)


def _moved(repair: str, move: str, reason: str) -> Call[Repair]:
    return Call("POST", path_to("ops", "repairs", repair, move), {"reason": reason})
