"""Deadlines by the receipts' own stamps (G1 to G7): nothing in time is refused, nothing late is accepted, nothing closes early."""

from __future__ import annotations

from datetime import datetime, timedelta

from jalon.domain import events
from jalon.domain.calendar.deadlines import OUTAGE_TOLERATED, extended_by_downtime
from jalon.domain.error_codes import ErrorCode
from jalon.persistence.inbox.receipts import Receipt
from jalon.rehearsal.sim.judge.facts import Facts, at_of, code_of
from jalon.rehearsal.sim.modelled.database import TimelineRow
from workflows.engine.agenda import CLOSING_GRACE

EDGE = timedelta(seconds=2)
OVERLOOKED = timedelta(minutes=1)
"""The time between a closing's last check of outages and its record is shorter than this."""
_TICK = timedelta(microseconds=1)
CLOSED_EVENTS = (
    events.CartAbandoned,
    events.CertificateMissing,
    events.PaymentMissing,
    events.HoldExpired,
    events.SeatReleased,
    events.AdminTransferLapsed,
    events.RenewalCommitted,
    events.TermEnded,
)
GONE = {
    ErrorCode.ENTITY_CLOSED,
    ErrorCode.ORDER_PLACED,
    ErrorCode.ORDER_CLOSED,
    ErrorCode.NOT_ACTIVE,
    ErrorCode.NOT_PENDING,
    ErrorCode.ACTIVATION_WINDOW_CLOSED,
}
"""Codes that refuse a command because of the status of its entity."""


PROTECTS_THE_VENDOR = (
    events.CartAbandoned,
    events.CertificateMissing,
    events.PaymentMissing,
    events.SeatReleased,
    events.RenewalCommitted,
    events.SubscriptionVoid,
)
VOID_IN_TIME = ("activation_window_closed", "payment_not_recovered")
"""The reasons why a line is void after a deadline, and not by a command."""


def judge(facts: Facts) -> None:
    """Judges the deadlines of one entity, whatever its kind."""
    _never_early(facts)
    _never_in_an_outage(facts)
    for row in facts.named(events.DeadlineExtended):
        _extension(facts, row)


def refused_in_time(facts: Facts, receipt: Receipt, due: datetime, what: str) -> None:
    """Records a violation for a receipt that was refused before its deadline."""
    if facts.was_reset and facts.by_hand and code_of(receipt) in GONE:
        return  # An operator's command ended it in an epoch that a reset has superseded.
    if facts.was_reset and code_of(receipt) == ErrorCode.RECOVERY_WINDOW_CLOSED:
        return  # Such an epoch counted its recovery from the answer to another card.
    facts.world.violated(
        "in time refused",
        f"{facts.row.id}: {receipt.command} at {receipt.received_at.isoformat()} was refused as {code_of(receipt)};"
        f" {what} closes at {due.isoformat()}",
    )


def accepted_late(facts: Facts, receipt: Receipt, due: datetime, what: str) -> None:
    """Records a violation for a receipt that was applied at its deadline or after it."""
    if facts.was_taken_up:
        return  # A parked step held the deadline in an epoch that a reset has superseded.
    facts.world.violated(
        "late accepted",
        f"{facts.row.id}: {receipt.command} at {receipt.received_at.isoformat()} was applied;"
        f" {what} closed at {due.isoformat()}",
    )


def race(facts: Facts, receipt: Receipt, due: datetime, what: str) -> None:
    """Marks a request within two seconds of a deadline, before or after it."""
    if due - EDGE <= receipt.received_at < due and receipt.state == "applied":
        facts.world.marks(f"race: {what}, in time")
    if due <= receipt.received_at <= due + EDGE and receipt.state == "refused":
        facts.world.marks(f"race: {what}, too late")


def last_extension(facts: Facts, what: str, due: datetime) -> datetime:
    """The latest instant to which a deadline was moved, or the deadline itself."""
    extended = [
        row.entry.data for row in facts.named(events.DeadlineExtended) if row.entry.data["what"] == what
    ]
    return max([due, *(at_of(data, "new_by") for data in extended)])


def was_held(facts: Facts, what: str) -> bool:
    """Whether a parked step held the deadline."""
    return any(row.entry.data["what"] == what for row in facts.named(events.DeadlineHeld))


def _never_early(facts: Facts) -> None:
    """Checks that in a live store nothing closes before its instant and the grace after it."""
    if not facts.world.live:
        return
    for row in facts.named(*CLOSED_EVENTS):
        if row.written_at < _due_of(facts, row) + CLOSING_GRACE and not _was_overdue(facts, row):
            facts.world.violated(
                "early", f"{facts.row.id} {row.entry.event} of {row.entry.at} was written at {row.written_at}"
            )
    for purged in facts.named(events.DataPurged):
        kept_until = datetime.fromisoformat(facts.row.view["retained_until"])
        if purged.written_at < kept_until + CLOSING_GRACE:
            facts.world.violated(
                "early", f"{facts.row.id} was purged at {purged.written_at}, kept until {kept_until}"
            )


def _due_of(facts: Facts, row: TimelineRow) -> datetime:
    """The deadline of a closing. One that asks the provider first carries the instant of a command that came meanwhile (X17)."""
    if row.entry.event != events.PaymentMissing.name:
        return row.entry.at
    asked = [each for each in facts.named(events.PaymentActionRequired) if each.seq < row.seq]
    due = at_of(asked[-1].entry.data, "confirm_by") if asked else row.entry.at
    return min(row.entry.at, last_extension(facts, "payment_confirmation", due))


def _was_overdue(facts: Facts, row: TimelineRow) -> bool:
    """Whether a reset left the closing overdue: it then carries the instant of the command after which it takes place at once."""
    return facts.was_reset and any(row.entry.at == receipt.received_at for receipt in facts.receipts)


def _never_in_an_outage(facts: Facts) -> None:
    """G7: a deadline that protects the vendor does not take effect at an instant inside an outage of the API."""
    if not facts.world.live:
        return
    for row in facts.named(*PROTECTS_THE_VENDOR):
        at = row.entry.at
        if row.entry.event == events.SubscriptionVoid.name and row.entry.data["cause"] not in VOID_IN_TIME:
            continue
        if any(down <= at <= up and _was_known(row, down, up) for down, up in facts.db.outages):
            text = f"{facts.row.id}: {row.entry.event} at {at}, in an outage of ours"
            facts.world.violated("outage", text)


def _was_known(row: TimelineRow, down: datetime, up: datetime) -> bool:
    """Whether the outage was over when the closing was recorded, or had lasted too long to be overlooked."""
    return up < row.written_at or row.written_at > down + OUTAGE_TOLERATED + OVERLOOKED


def _extension(facts: Facts, row: TimelineRow) -> None:
    """Checks that a deadline moves for an outage of the API, by the domain's own count, or for a parked step."""
    former, new = at_of(row.entry.data, "former_by"), at_of(row.entry.data, "new_by")
    moved = f"{facts.row.id}: {row.entry.data['what']} moved from {former} to {new}"
    if new <= former:
        facts.world.violated("extension", moved)
    if row.entry.rule == "G7" and not _is_for_an_outage(facts, former, new):
        facts.world.violated("extension", f"{moved} for no outage")


def _is_for_an_outage(facts: Facts, former: datetime, new: datetime) -> bool:
    """Whether outages explain the new date: those known then, or one that was still going on when the closing was checked."""
    if facts.db.doors_seen_at is not None:
        return True
    outages = list(facts.db.outages)
    known = {extended_by_downtime(former, outages[:n], facts.calendar) for n in range(len(outages) + 1)}
    going_on = (
        [(down, max(former, down + OUTAGE_TOLERATED + _TICK))] for down, _ in outages if down <= former
    )
    return new in known or any(extended_by_downtime(former, each, facts.calendar) == new for each in going_on)
