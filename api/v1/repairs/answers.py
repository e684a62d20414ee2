"""Plans and repairs, as answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from api.http.answers import Answer
from jalon.domain.money import Money
from jalon.domain.repairs.assessment import Sum
from jalon.domain.repairs.names import OUTCOMES, SENDING, ItemState, RepairAction, RepairState
from jalon.domain.repairs.report import Told, report_of
from jalon.domain.stops import HELD_WORDS, Stop
from jalon.persistence.repairs.items import Item
from jalon.persistence.repairs.jobs import Repair as RepairRow

SHOWN = 100
"""How many items an answer lists. The pages of items have all."""


class Amount(Answer):
    """An amount of money."""

    amount: str
    currency: str


class PlanSum(Answer):
    """What a plan says of `count` steps, with the money that it is about."""

    what: str
    words: str
    count: int
    money: list[Amount]


class RefusedItem(Answer):
    """A step that is left out, and why."""

    entity: str
    step: str
    code: str
    message: str


class PlannedItem(Answer):
    """What a plan says of one step. `refused` is why it is left out."""

    entity: str
    kind: str | None
    store: str
    number: str | None
    step: str
    cause: str | None
    will: str | None
    will_not_repeat: list[str]
    might: list[str]
    refused: RefusedItem | None


class Plan(Answer):
    """What a repair would do. `count` steps get the command, `refused` ones are left out.

    `will_not_repeat` took effect outside already. Of what `might` have taken effect the provider is asked first. `held` says which steps an
    emergency stop makes wait. `items` and `refused` hold the first hundred; the pages of its items have all.
    """

    plan: str
    version: str
    name: str
    action: RepairAction
    reason: str
    cause: str | None
    stores: list[str]
    count: int
    refused_count: int
    will: list[PlanSum]
    will_not_repeat: list[PlanSum]
    might: list[PlanSum]
    held: list[str]
    refused: list[RefusedItem]
    money: list[Amount]
    needs_second_person: bool
    canary: int
    per_minute: int | None
    stop_at_error_rate: float
    items: list[PlannedItem]
    planned_by: str
    expires_at: datetime


class Counts(Answer):
    """How many steps a repair has, and how many came to which outcome."""

    total: int
    pending: int
    healed: int
    parked_again: int
    parked_other: int
    refused: int


class RepairedItem(Answer):
    """One step of a repair, and what became of it. `found_step` and `found_cause` are where it parked again."""

    n: int
    entity: str
    kind: str | None
    store: str
    number: str | None
    step: str
    outcome: str
    sent_at: datetime | None
    settled_at: datetime | None
    found_step: str | None
    found_cause: str | None
    code: str | None
    message: str | None


class Repair(Answer):
    """A repair. An outcome is counted once the entity shows it: `pending` have their command or wait for it.

    Each list holds the first hundred; `why` is why the repair stands, waits for the end of an emergency stop, or ended. `report` is the
    text for a post-mortem.
    """

    id: str
    name: str
    action: RepairAction
    state: RepairState
    why: str | None
    reason: str
    cause: str | None
    stores: list[str]
    version: str
    counts: Counts
    healed: list[RepairedItem]
    parked_again: list[RepairedItem]
    parked_other: list[RepairedItem]
    refused: list[RepairedItem]
    canary: int
    per_minute: int | None
    stop_at_error_rate: float
    needs_second_person: bool
    planned_by: str
    planned_at: datetime
    started_by: str | None
    started_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    ended_at: datetime | None
    report: str


class RepairPage(Answer):
    """A page of repairs, the latest first, without their lists. `next` is the cursor to send as `after`, None on the last page."""

    data: list[Repair]
    has_more: bool
    next: str | None


def amounts(money: Iterable[Money]) -> list[Amount]:
    """Amounts as answers."""
    return [Amount(**each.as_dict()) for each in money]


def sums(told: Iterable[Sum]) -> list[PlanSum]:
    """Sums as answers."""
    return [
        PlanSum(what=each.what, words=each.words, count=each.count, money=amounts(each.money))
        for each in told
    ]


def refused_item(item: Item) -> RefusedItem:
    """An item that is left out."""
    return RefusedItem(entity=item.entity, step=item.step, code=item.code or "", message=item.message or "")


def planned_item(item: Item) -> PlannedItem:
    """What the plan says of an item."""
    refused = refused_item(item) if item.state is ItemState.REFUSED else None
    said = {"will": None, "will_not_repeat": [], "might": []} | item.plan
    return PlannedItem(
        entity=item.entity,
        kind=item.kind,
        store=item.store,
        number=item.number,
        step=item.step,
        cause=item.fingerprint,
        refused=refused,
        **said,
    )


def repaired_item(item: Item) -> RepairedItem:
    """What became of an item. Until it is settled its outcome is pending."""
    outcome = item.state if item.state in OUTCOMES else "pending"
    return RepairedItem(
        n=item.n,
        entity=item.entity,
        kind=item.kind,
        store=item.store,
        number=item.number,
        step=item.step,
        outcome=outcome,
        sent_at=item.sent_at,
        settled_at=item.settled_at,
        found_step=item.found_step,
        found_cause=item.found_cause,
        code=item.code,
        message=item.message,
    )


def counts_of(counts: Mapping[ItemState, int]) -> Counts:
    """The counts by outcome."""
    by_outcome = {str(outcome): counts.get(outcome, 0) for outcome in OUTCOMES}
    total = sum(counts.values())
    return Counts(total=total, pending=total - sum(by_outcome.values()), **by_outcome)


def held_words(stops: Iterable[tuple[str, Stop]]) -> list[str]:
    """What emergency stops hold, in words."""
    return [HELD_WORDS[what].format(store=store) for store, what in stops]


def repair_answer(
    row: RepairRow,
    counts: Mapping[ItemState, int],
    lists: Mapping[ItemState, Sequence[Item]],
    found: Sequence[tuple[str, str, int]] = (),
    refusals: Sequence[tuple[str, str, int]] = (),
    held: Sequence[str] = (),
) -> Repair:
    """A repair with its lists and its report. While it goes on, `held` is why some of its steps do not."""
    why = row.why or (" ".join(held) if row.state in SENDING else "") or None
    told = Told(
        row.id,
        row.name,
        row.action,
        row.reason,
        row.cause,
        row.stores,
        row.state,
        why,
        row.planned_by,
        row.planned_at,
        row.started_by,
        row.started_at,
        row.approved_by,
        row.approved_at,
        row.ended_at,
        counts,
        found,
        refusals,
    )
    shown: dict[str, Any] = {
        str(outcome): [repaired_item(item) for item in lists.get(outcome, ())] for outcome in OUTCOMES
    }
    return Repair(
        id=row.id,
        name=row.name,
        action=row.action,
        state=row.state,
        why=why,
        reason=row.reason,
        cause=row.cause,
        stores=list(row.stores),
        version=row.version,
        counts=counts_of(counts),
        canary=row.options.canary,
        per_minute=row.options.per_minute,
        stop_at_error_rate=row.options.stop_at_error_rate,
        needs_second_person=row.needs_second_person,
        planned_by=row.planned_by,
        planned_at=row.planned_at,
        started_by=row.started_by,
        started_at=row.started_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        ended_at=row.ended_at,
        report=report_of(told),
        **shown,
    )
