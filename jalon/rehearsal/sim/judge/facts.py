"""The facts for the judge: the timeline after all resets, the receipts by their stamps, and the steps that operators did by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from jalon.domain import events
from jalon.domain.calendar.calendars import Calendar
from jalon.domain.error_codes import Code, read_code
from jalon.domain.events import Event
from jalon.domain.terms import LineTerms, OrderTerms
from jalon.persistence.inbox.receipts import Receipt
from jalon.policy.decisions.placement import store_terms
from jalon.policy.model.store_policy import StorePolicy
from jalon.rehearsal.sim.modelled.database import Database, EntityRow, TimelineRow
from jalon.rehearsal.sim.world import World

_ORDER_TERMS: TypeAdapter[OrderTerms] = TypeAdapter(OrderTerms)
_LINE_TERMS: TypeAdapter[LineTerms] = TypeAdapter(LineTerms)
YEARS = range(2025, 2034)
"""The years that a life may reach."""
_CALENDARS: dict[str, Calendar] = {}
"""The calendars by the hash of their policy. Lives ask for them thousands of times."""


def _calendar(policy: StorePolicy) -> Calendar:
    holidays: set[date] = set()
    for year in YEARS:
        holidays |= set(store_terms(policy, datetime(year, 6, 1, tzinfo=UTC)).holidays)
    return Calendar(policy.store.zone, frozenset(holidays))


@dataclass(frozen=True)
class Facts:
    """One entity's facts."""

    world: World
    row: EntityRow

    @property
    def db(self) -> Database:
        """The database of the life."""
        return self.world.db

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar of the store, for every instant of a life."""
        policy = self.world.policy
        if policy.policy_hash not in _CALENDARS:
            _CALENDARS[policy.policy_hash] = _calendar(policy)
        return _CALENDARS[policy.policy_hash]

    @cached_property
    def events(self) -> tuple[TimelineRow, ...]:
        """The timeline in its order, without the lines that a reset has superseded."""
        rows = [row for row in self.db.timeline if row.entity == self.row.id]
        begun: dict[int, int] = {}
        for entity, epoch, seq in self.db.transitions:
            if entity == self.row.id:
                begun[epoch] = min(begun.get(epoch, seq), seq)
        stands = [
            row
            for row in rows
            if not any(epoch > row.epoch and first <= row.seq for epoch, first in begun.items())
        ]
        return tuple(sorted(stands, key=lambda row: row.seq))

    @cached_property
    def steps(self) -> tuple[tuple[str, TimelineRow], ...]:
        """The activation steps taken, each with its event."""
        taken = {kind.name: step for step, kind in events.STEP_TAKEN.items()}
        return tuple((taken[row.entry.event], row) for row in self.events if row.entry.event in taken)

    def named(self, *kinds: type[Event]) -> list[TimelineRow]:
        """The events of these classes."""
        names = {kind.name for kind in kinds}
        return [row for row in self.events if row.entry.event in names]

    @cached_property
    def receipts(self) -> tuple[Receipt, ...]:
        """All receipts of the entity, by their stamps."""
        found = [receipt for receipt in self.db.receipts.values() if receipt.entity == self.row.id]
        return tuple(sorted(found, key=lambda receipt: (receipt.received_at, receipt.seq)))

    def said(self, *commands: str) -> Iterator[Receipt]:
        """The receipts of these commands."""
        return (receipt for receipt in self.receipts if receipt.command in commands)

    @cached_property
    def by_hand(self) -> set[str]:
        """The kinds of steps that an operator skipped or compensated: their effect was done outside the product, or not at all."""
        return {
            str(receipt.body["step"]).split("/")[0]
            for receipt in self.said("resolve")
            if receipt.state == "applied" and receipt.body["action"] in ("skip", "compensate")
        }

    @cached_property
    def was_reset(self) -> bool:
        """Whether the entity's workflow was ever reset."""
        return self.world.workflow_of(self.row) in self.world.engine.resets

    @cached_property
    def was_taken_up(self) -> bool:
        """Whether an operator's command, on a step that a former epoch parked, is among the updates that a reset run receives again."""
        spoken = (receipt.state == "applied" for receipt in self.said("park", "resolve"))
        return self.was_reset and any(spoken)

    @cached_property
    def order_terms(self) -> OrderTerms | None:
        """The terms that the latest placement of an order froze."""
        turns = [key for key in self.db.frozen if key[0] == self.row.id and key[1].startswith("placement/")]
        if not turns or not self.row.view["terms_sha256"]:
            return None
        for key in turns:
            if self.db.frozen[key]["sha256"] == self.row.view["terms_sha256"]:
                return _ORDER_TERMS.validate_python(self.db.frozen[key])
        return None

    def line_terms(self, term: int) -> LineTerms | None:
        """The terms of one term of a subscription."""
        if term > 0:
            kept = self.db.frozen.get((self.row.id, f"term/{term}"))
            return None if kept is None else _LINE_TERMS.validate_python(kept["line"])
        begun = next(self.said("begin"), None)
        return None if begun is None else _LINE_TERMS.validate_python(begun.body["line"])


def code_of(receipt: Receipt) -> Code | None:
    """The code that refused a receipt."""
    if receipt.state != "refused" or receipt.outcome is None:
        return None
    return read_code(receipt.outcome["violations"][0]["code"])


def at_of(data: dict[str, Any], name: str) -> datetime:
    """An instant in an event's data."""
    return datetime.fromisoformat(str(data[name]))
