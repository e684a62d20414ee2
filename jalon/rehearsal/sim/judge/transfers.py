"""The transfers of a subscription's administration (X11, H12): how each ends, and who is the admin after it."""

from __future__ import annotations

from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.error_codes import ErrorCode
from jalon.domain.terms import TRANSFER_WINDOW
from jalon.persistence.inbox.receipts import Receipt
from jalon.rehearsal.sim.judge.facts import Facts, at_of, code_of
from jalon.rehearsal.sim.judge.stamps import accepted_late, race, refused_in_time
from jalon.rehearsal.sim.judge.terms import ENDINGS
from jalon.rehearsal.sim.modelled.database import TimelineRow

OVER = (
    events.AdminTransferred,
    events.AdminTransferCalledOff,
    events.AdminTransferLapsed,
    events.AdminTransferRefused,
    events.AdminTransferUndeliverable,
)


def judge(facts: Facts) -> None:
    """Judges every transfer of one subscription."""
    for asked in facts.named(events.AdminTransferRequested):
        _transfer(facts, asked)
    _admin(facts)


def _transfer(facts: Facts, asked: TimelineRow) -> None:
    number, due = asked.entry.data["transfer"], at_of(asked.entry.data, "accept_by")
    counted = closes_at(asked.entry.at, TRANSFER_WINDOW, facts.calendar)
    if due != counted:
        facts.world.violated("term", f"{facts.row.id}: transfer {number} is open until {due}, not {counted}")
    ends = [each for each in facts.named(*OVER) if each.entry.data["transfer"] == number]
    if len(ends) > 1:
        facts.world.violated("transfer", f"{facts.row.id}: transfer {number} ended {len(ends)} times")
    for receipt in facts.said("accept_transfer"):
        if receipt.body["transfer"] == number and receipt.received_at >= asked.entry.at:
            race(facts, receipt, due, "transfer")
            if not facts.was_reset:
                _acceptance(facts, receipt, asked, ends)


def _acceptance(facts: Facts, receipt: Receipt, asked: TimelineRow, ends: list[TimelineRow]) -> None:
    due = at_of(asked.entry.data, "accept_by")
    over = [*ends, *facts.named(*ENDINGS)]
    was_over = any(each.entry.at <= receipt.received_at for each in over)
    is_refused = code_of(receipt) in (ErrorCode.TRANSFER_OVER, ErrorCode.ENTITY_CLOSED)
    if is_refused and receipt.received_at < due and not was_over:
        refused_in_time(facts, receipt, due, "the transfer")
    accepted = receipt.state == "applied" and any(
        each.entry.event == events.AdminTransferred.name and each.entry.at == receipt.received_at
        for each in ends
    )
    if accepted and receipt.received_at >= due:
        accepted_late(facts, receipt, due, "the transfer")


def _admin(facts: Facts) -> None:
    """H12: the admin is whom the last switch named, and has no pending transfer to themselves."""
    switches = facts.named(events.AdminTransferred)
    expected = switches[-1].entry.data["new_admin"] if switches else facts.row.view["buyer"]
    if facts.row.view["admin"] != expected:
        facts.world.violated(
            "transfer", f"{facts.row.id}: the admin is {facts.row.view['admin']}, not {expected}"
        )
    former = facts.row.view["buyer"]
    for switch in switches:
        if switch.entry.data["former_admin"] != former:
            facts.world.violated("transfer", f"{facts.row.id}: {former} passed on what was not theirs")
        former = switch.entry.data["new_admin"]
