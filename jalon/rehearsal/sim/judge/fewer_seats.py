"""Renewals with fewer seats (X25): who loses a seat, at which instant, and until when the admin may name who stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_before_end
from jalon.domain.calendar.durations import Duration
from jalon.domain.error_codes import ErrorCode
from jalon.domain.terms import SEATS_AT_MOST
from jalon.persistence.inbox.receipts import Receipt
from jalon.rehearsal.sim.judge import notices
from jalon.rehearsal.sim.judge.facts import Facts, code_of
from jalon.rehearsal.sim.judge.stamps import accepted_late, last_extension, race, refused_in_time
from jalon.rehearsal.sim.judge.terms import bounds_of, term_at
from jalon.rehearsal.sim.modelled.database import TimelineRow

_GIVEN = (events.SeatReserved, events.SeatInvited, events.SeatAssigned)
_TAKEN = (events.SeatRevoked, events.SeatReleased, events.SeatRefused, events.InvitationUndeliverable)


@dataclass
class Holder:
    """Somebody who has a seat, as the timeline tells: since when, None before it is theirs, and whether the admin named them."""

    since: datetime | None = None
    stays: bool = False


def judge(facts: Facts) -> None:
    """Judges every start of a term, and every choice of who stays."""
    _losses(facts)
    for receipt in facts.said("keep_seats"):
        _choice(facts, receipt)


def _losses(facts: Facts) -> None:
    holders: dict[int, Holder] = {}
    for row in facts.events:
        name, data = row.entry.event, row.entry.data
        if name in {kind.name for kind in _GIVEN}:
            holder = holders.setdefault(data["seat"], Holder())
            holder.since = row.entry.at if name == events.SeatAssigned.name else None
        elif name in {kind.name for kind in _TAKEN}:
            holders.pop(data["seat"], None)
        elif name == events.SeatsKept.name:
            for number, holder in holders.items():
                holder.stays = number in data["seats"]
        elif name == events.TermStarted.name:
            _start(facts, row, holders)
        elif name == events.SubscriptionEnded.name:
            holders.clear()


def _start(facts: Facts, row: TimelineRow, holders: dict[int, Holder]) -> None:
    """Checks that the seats lost are those of whoever was not named and assigned last, in the transition of the start."""
    line = facts.line_terms(row.entry.data["term"])
    if line is None:
        return
    count = min(line.seats, SEATS_AT_MOST) if line.user_management else line.seats
    due = sorted(sorted(holders, key=lambda number: _rank(number, holders[number]))[count:])
    lost = [each for each in facts.named(events.SeatsLost) if (each.epoch, each.seq) == (row.epoch, row.seq)]
    seats = [number for each in lost for number in each.entry.data["seats"]]
    if seats != due:
        text = f"{facts.row.id} term {row.entry.data['term']}: seats {seats} were lost, not {due}"
        facts.world.violated("fewer seats", text)
    if due:
        facts.world.marks("fewer seats")
    for number in seats:
        holders.pop(number, None)
    for holder in holders.values():
        holder.stays = False


def _rank(number: int, holder: Holder) -> tuple[bool, bool, float, int]:
    since = holder.since.timestamp() if holder.since else 0.0
    return not holder.stays, holder.since is None, since, number


def _choice(facts: Facts, receipt: Receipt) -> None:
    """Checks one choice by its stamp. A parked charge keeps the next term from starting, and the choice for it stays closed."""
    term = term_at(facts, receipt.received_at)
    bounds, line = (bounds_of(facts, term), facts.line_terms(term)) if term is not None else (None, None)
    if bounds is None or line is None:
        return
    choose_by = closes_before_end(bounds.end, Duration.parse(line.renewal.stop_until), facts.calendar)
    race(facts, receipt, choose_by, "who stays")
    parked = any(each.entry.data["step"] == "charge" for each in facts.named(events.StepParked))
    closed = code_of(receipt) == ErrorCode.SEAT_CHOICE_CLOSED
    if closed and receipt.received_at < choose_by and not parked:
        refused_in_time(facts, receipt, choose_by, "who stays")
    last = last_extension(facts, "stop_cutoff", choose_by)
    if notices.kept_open(facts, receipt):
        last = max(last, bounds.end)
    kept = any(each.entry.at == receipt.received_at for each in facts.named(events.SeatsKept))
    if receipt.state == "applied" and kept and receipt.received_at >= last:
        accepted_late(facts, receipt, last, "who stays")
