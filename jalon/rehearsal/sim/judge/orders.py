"""The deadlines of an order: its cart, its certificate, its hold and its payment's confirmation; and its screening."""

from __future__ import annotations

from datetime import datetime

from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.error_codes import ErrorCode
from jalon.persistence.inbox.receipts import Receipt
from jalon.rehearsal.sim.judge.facts import Facts, at_of, code_of
from jalon.rehearsal.sim.judge.stamps import (
    GONE,
    accepted_late,
    last_extension,
    race,
    refused_in_time,
    was_held,
)
from jalon.rehearsal.sim.modelled.database import TimelineRow

PLACES = ("place", "place_again")
REVIEWERS = 2
"""The number of people who release a hold."""


def judge(facts: Facts) -> None:
    """Judges one order's deadlines."""
    _cart(facts)
    _placed_again(facts)
    _certificate(facts)
    _hold(facts)
    _confirmation(facts)
    _screened(facts)


def _cart(facts: Facts) -> None:
    window = Duration.parse(facts.world.policy.rules.cart.abandoned_after)
    for kept in facts.named(events.CartOpened, events.CartChanged, events.PaymentDeclined):
        for receipt in facts.said(*PLACES):
            if receipt.state == "applied":
                race(facts, receipt, closes_at(kept.entry.at, window, facts.calendar), "cart")
    for gone in facts.named(events.CartAbandoned):
        _abandoned(facts, gone.entry.at)


def _abandoned(facts: Facts, at: datetime) -> None:
    for receipt in facts.said(*PLACES):
        race(facts, receipt, at, "cart")
    if facts.was_reset:
        return  # The window was another one in the epoch that took or refused a receipt.
    for receipt in facts.said(*PLACES, "edit_cart"):
        if receipt.received_at < at and code_of(receipt) in GONE and _was_cart(facts, receipt):
            refused_in_time(facts, receipt, at, "the cart")
    for receipt in facts.said(*PLACES):
        if receipt.state == "applied" and receipt.received_at >= at:
            accepted_late(facts, receipt, at, "the cart")


def _placed_again(facts: Facts) -> None:
    """G6, T11: an order is placed again only after a decline, and on the very lines that its buyer confirmed before."""
    if facts.was_reset:
        return
    placed = facts.named(events.OrderPlaced)
    for receipt in facts.said("place_again"):
        turn = next((n for n, each in enumerate(placed) if each.entry.at == receipt.received_at), None)
        if receipt.state != "applied" or turn is None:
            continue
        former = placed[turn - 1] if turn else placed[turn]
        declines = [
            each for each in facts.named(events.PaymentDeclined) if former.seq < each.seq < placed[turn].seq
        ]
        if not declines:
            facts.world.violated("again", f"{facts.row.id} was placed again without a decline")
        if _lines_of(facts, former) != _lines_of(facts, placed[turn]):
            facts.world.violated(
                "again", f"{facts.row.id} was placed again on other lines than were confirmed"
            )


def _lines_of(facts: Facts, placed: TimelineRow) -> object:
    """The lines that a placement froze."""
    return next(
        body["lines"]
        for (entity, _), body in facts.db.frozen.items()
        if entity == facts.row.id and body.get("sha256") == placed.entry.data["terms"]
    )


def _was_cart(facts: Facts, receipt: Receipt) -> bool:
    """Whether the order was a cart at the instant of the receipt."""
    placed = [event for event in facts.named(events.OrderPlaced) if event.entry.at <= receipt.received_at]
    back = [event for event in facts.named(events.PaymentDeclined) if event.entry.at < receipt.received_at]
    return len(placed) <= len(back)


def _certificate(facts: Facts) -> None:
    for asked in facts.named(events.CertificateRequested):
        missed = any(event.seq > asked.seq for event in facts.named(events.CertificateMissing))
        for receipt in facts.said("answer_certificate"):
            if receipt.received_at >= asked.entry.at:
                _certificate_answer(facts, receipt, at_of(asked.entry.data, "answer_by"), missed=missed)


def _certificate_answer(facts: Facts, receipt: Receipt, due: datetime, *, missed: bool) -> None:
    last = last_extension(facts, "certificate_window", due)
    code, what = code_of(receipt), "the certificate's window"
    race(facts, receipt, due, "certificate window")
    if code == ErrorCode.CERTIFICATE_WINDOW_CLOSED and receipt.received_at < last:
        refused_in_time(facts, receipt, last, what)
    if not missed:
        return
    if code is not None and receipt.received_at < due:
        refused_in_time(facts, receipt, due, what)
    late = receipt.state == "applied" and receipt.received_at >= last
    if late and not was_held(facts, "certificate_window"):
        accepted_late(facts, receipt, last, what)


def _hold(facts: Facts) -> None:
    terms = facts.order_terms
    for opened in facts.named(events.ExportHoldOpened):
        if terms is not None:
            due = closes_at(opened.entry.at, Duration.parse(terms.export.hold_max), facts.calendar)
            for receipt in facts.said("decide_hold"):
                race(facts, receipt, due, "hold")
        ends = facts.named(events.HoldExpired, events.HoldReleased, events.OrderRejected)
        end = next((event for event in ends if event.seq > opened.seq), None)
        if end is not None and end.entry.event == events.HoldExpired.name:
            _expired(facts, opened, end)
    for released in facts.named(events.HoldReleased):
        people = {event.entry.actor for event in facts.named(events.HoldRelease) if event.seq <= released.seq}
        if len(people) < REVIEWERS:
            facts.world.violated("hold", f"{facts.row.id}: released by {sorted(map(str, people))} alone")


def _expired(facts: Facts, opened: TimelineRow, expired: TimelineRow) -> None:
    in_time = {
        receipt.actor
        for receipt in facts.said("decide_hold")
        if opened.entry.at <= receipt.received_at < expired.entry.at and receipt.body["decision"] == "release"
    }
    if len(in_time) >= REVIEWERS:
        facts.world.violated(
            "in time refused", f"{facts.row.id}: the hold expired although {sorted(in_time)} had released it"
        )


def _confirmation(facts: Facts) -> None:
    """X17: before a closing the provider is asked, so that what was paid in time is paid, also where its webhook was lost."""
    for missing in facts.named(events.PaymentMissing):
        charges = [c for c in facts.world.gateway.charges.values() if c.metadata["entity"] == facts.row.id]
        if any(charge.refunded is not None for charge in charges):
            facts.world.violated(
                "paid in time", f"{facts.row.id} was paid in time and ended at {missing.entry.at}"
            )


def _screened(facts: Facts) -> None:
    """T5, T6: the declared parties are the screened ones. No certificate changes after the order was cleared by it."""
    cleared = False
    for event in facts.events:
        name = event.entry.event
        if name in (events.OrderPlaced.name, events.ScreeningCleared.name, events.HoldReleased.name):
            cleared = name != events.OrderPlaced.name
        if name == events.CertificateAnswered.name and cleared and not _back_in_the_cart(facts, event):
            facts.world.violated(
                "screening", f"{facts.row.id}: its certificate was changed after it was cleared"
            )


def _back_in_the_cart(facts: Facts, event: TimelineRow) -> bool:
    placed = [e for e in facts.named(events.OrderPlaced) if e.seq <= event.seq]
    return len([e for e in facts.named(events.PaymentDeclined) if e.seq <= event.seq]) >= len(placed)
