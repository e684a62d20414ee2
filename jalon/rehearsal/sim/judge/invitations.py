"""The deadlines of invitations to a seat (T2, T3, X7)."""

from __future__ import annotations

from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.error_codes import ErrorCode
from jalon.persistence.inbox.receipts import Receipt
from jalon.rehearsal.sim.judge.facts import Facts, at_of, code_of
from jalon.rehearsal.sim.judge.stamps import (
    accepted_late,
    last_extension,
    race,
    refused_in_time,
)
from jalon.rehearsal.sim.judge.terms import ENDINGS, term_at
from jalon.rehearsal.sim.modelled.database import TimelineRow


def judge(facts: Facts) -> None:
    """T2: the hours run from the sending, and the completed set-up is judged by its receipt."""
    sent = facts.named(events.InvitationSent)
    for event in sent:
        _counted_invitation(facts, event)
    for receipt in facts.said("accept_invitation"):
        seat = receipt.body["seat"]
        mine = [e for e in sent if e.entry.data["seat"] == seat and e.entry.at <= receipt.received_at]
        if mine and not facts.was_reset:
            _acceptance(facts, receipt, mine)


def _counted_invitation(facts: Facts, event: TimelineRow) -> None:
    line = facts.line_terms(term_at(facts, event.entry.at) or 0)
    if line is None:
        return
    due = at_of(event.entry.data, "accept_by")
    counted = closes_at(event.entry.at, Duration.parse(line.invitation_window), facts.calendar)
    if due != counted and not facts.was_reset and not facts.world.policy_log:
        facts.world.violated(
            "term",
            f"{facts.row.id}: an invitation sent at {event.entry.at} is open until {due}, not {counted}",
        )


def _acceptance(facts: Facts, receipt: Receipt, sent: list[TimelineRow]) -> None:
    """Checks one completed set-up. `sent` are the invitations to the receipt's seat so far."""
    seat, accept_by = receipt.body["seat"], at_of(sent[-1].entry.data, "accept_by")
    due = last_extension(facts, "invitation", accept_by)
    touched = [
        event
        for event in facts.named(events.SeatRevoked, events.SeatReleased, events.SeatInvited, *ENDINGS)
        if event.entry.data.get("seat") in (seat, None)
        and sent[-1].seq < event.seq
        and event.entry.at <= receipt.received_at
    ]
    race(facts, receipt, accept_by, "invitation")
    # An invitation whose e-mail was skipped also has a number.
    numbers = [
        e.entry.data["invitation"]
        for e in facts.named(events.SeatInvited)
        if e.entry.data["seat"] == seat and e.seq < sent[-1].seq
    ]
    current = not touched and numbers[-1:] == [receipt.body["invitation"]]
    if code_of(receipt) == ErrorCode.INVITATION_EXPIRED and receipt.received_at < accept_by and current:
        refused_in_time(facts, receipt, due, "the invitation")
    if receipt.received_at >= due and _has_assigned(facts, receipt, seat):
        if touched:
            facts.world.violated("known 7", f"{facts.row.id}: an old invitation of seat {seat} was applied")
        else:
            accepted_late(facts, receipt, due, "the invitation")


def _has_assigned(facts: Facts, receipt: Receipt, seat: int) -> bool:
    return receipt.state == "applied" and any(
        event.entry.at == receipt.received_at and event.entry.data["seat"] == seat
        for event in facts.named(events.SeatAssigned)
    )
