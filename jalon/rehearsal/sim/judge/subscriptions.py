"""The deadlines of a subscription: its activation, its terms, the renewal switch, and the recovery of a payment."""

from __future__ import annotations

from datetime import datetime

from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at, closes_before_end, later
from jalon.domain.calendar.durations import Duration
from jalon.domain.error_codes import ErrorCode
from jalon.persistence.inbox.receipts import Receipt
from jalon.rehearsal.sim.judge import fewer_seats, invitations, notices, screened, transfers
from jalon.rehearsal.sim.judge.facts import Facts, at_of, code_of
from jalon.rehearsal.sim.judge.stamps import (
    GONE,
    accepted_late,
    last_extension,
    race,
    refused_in_time,
    was_held,
)
from jalon.rehearsal.sim.judge.terms import ENDINGS, Bounds, bounds_of, term_at
from jalon.rehearsal.sim.modelled.database import TimelineRow
from workflows.engine.agenda import CLOSING_GRACE

FAILURES = (events.PaymentDeclined, events.PaymentActionRequired)


def judge(facts: Facts) -> None:
    """Judges one subscription's deadlines."""
    _activation(facts)
    for receipt in facts.said("stop_renewal", "resume_renewal"):
        _switch(facts, receipt)
    _terms(facts)
    invitations.judge(facts)
    transfers.judge(facts)
    screened.judge(facts)
    fewer_seats.judge(facts)
    _recovery(facts)
    _retried(facts)


# -- activation --------------------------------------------------------------------------------------------------------------


def _activation(facts: Facts) -> None:
    line, view = facts.line_terms(0), facts.row.view
    if line is None or line.activation.window is None:
        return
    window = Duration.parse(line.activation.window)
    due = closes_at(datetime.fromisoformat(view["ordered_at"]), window, facts.calendar)
    voids = facts.named(events.SubscriptionVoid)
    void = voids[-1] if voids else None
    expired = void is not None and void.entry.data["cause"] == "activation_window_closed"
    for receipt in facts.said("take_step"):
        _step(facts, receipt, due, void=void is not None, expired=expired)
    if void is None or not expired:
        return
    if void.entry.at < due:
        facts.world.violated(
            "early", f"{facts.row.id} was void at {void.entry.at}; its window closes at {due}"
        )
    if _signed_in_time(facts, due):
        facts.world.violated("in time refused", f"{facts.row.id} is void although its last step came in time")


def _step(facts: Facts, receipt: Receipt, due: datetime, *, void: bool, expired: bool) -> None:
    last, what = last_extension(facts, "activation_window", due), "the activation window"
    race(facts, receipt, due, "activation window")
    in_time = due if void else last
    closed = code_of(receipt) == ErrorCode.ACTIVATION_WINDOW_CLOSED
    if closed and receipt.received_at < in_time and (not void or expired):
        refused_in_time(facts, receipt, in_time, what)
    late = receipt.received_at >= last and _is_new_step(facts, receipt)
    if late and not was_held(facts, "activation_window"):
        accepted_late(facts, receipt, last, what)


def _is_new_step(facts: Facts, receipt: Receipt) -> bool:
    """Whether the receipt took a new activation step, and did not only repeat one."""
    taken_at = {event.entry.at for _, event in facts.steps}
    return receipt.state == "applied" and receipt.received_at in taken_at


def _signed_in_time(facts: Facts, due: datetime) -> bool:
    steps = {step["step"] for step in facts.row.view["steps"]}
    done = {step for step, event in facts.steps if event.entry.at < due}
    return bool(steps) and steps <= done


# -- terms -------------------------------------------------------------------------------------------------------------------


def _terms(facts: Facts) -> None:
    """Checks that terms follow each other from the anchor without gap or overlap (G4), and begin at their time (G8)."""
    world, name = facts.world, facts.row.id
    started = {event.entry.data["term"]: event for event in facts.named(events.TermStarted)}
    for term, event in started.items():
        bounds, at = bounds_of(facts, term), event.entry.at
        if bounds is None:
            continue
        if at != bounds.begin or at_of(event.entry.data, "term_end") != bounds.end:
            due = (bounds.begin, bounds.end)
            world.violated("term", f"{name} term {term}: {at} to {event.entry.data['term_end']}, not {due}")
        if term > 1 and term - 1 not in started:
            world.violated("term", f"{name}: term {term} began and term {term - 1} never did")
        if world.live and event.written_at < at + CLOSING_GRACE:
            world.violated("early", f"{name} term {term} of {at} was written at {event.written_at}")


def _switch(facts: Facts, receipt: Receipt) -> None:
    """D15 by stamps: a switch before the cutoff of its term takes effect; from the cutoff on it is refused."""
    term = term_at(facts, receipt.received_at)
    if term is None:
        return
    bounds, line = bounds_of(facts, term), facts.line_terms(term)
    if bounds is None or line is None:
        return
    stop_by = closes_before_end(bounds.end, Duration.parse(line.renewal.stop_until), facts.calendar)
    race(facts, receipt, stop_by, "renewal switch")
    what = f"the switch of term {term}"
    if receipt.received_at < stop_by and _is_refused_switch(facts, receipt):
        refused_in_time(facts, receipt, stop_by, what)
    last = last_extension(facts, "stop_cutoff", stop_by) if _has_moved_in(facts, bounds) else stop_by
    if receipt.received_at >= last and _has_thrown(facts, receipt) and not notices.kept_open(facts, receipt):
        accepted_late(facts, receipt, last, what)


def _is_refused_switch(facts: Facts, receipt: Receipt) -> bool:
    code = code_of(receipt)
    return code == ErrorCode.RENEWAL_COMMITTED or (code in GONE and not _is_over_at(facts, receipt))


def _has_thrown(facts: Facts, receipt: Receipt) -> bool:
    thrown = events.RenewalStopped if receipt.command == "stop_renewal" else events.RenewalResumed
    return receipt.state == "applied" and any(
        event.entry.at == receipt.received_at for event in facts.named(thrown)
    )


def _has_moved_in(facts: Facts, bounds: Bounds) -> bool:
    return any(
        row.entry.data["what"] == "stop_cutoff"
        and bounds.begin <= at_of(row.entry.data, "former_by") <= bounds.end
        for row in facts.named(events.DeadlineExtended)
    )


def _is_over_at(facts: Facts, receipt: Receipt) -> bool:
    """Whether the subscription had ended, or not yet begun, at the instant of the receipt."""
    ended, active = facts.named(*ENDINGS), facts.named(events.SubscriptionActive)
    return any(event.entry.at <= receipt.received_at for event in ended) or not any(
        event.entry.at <= receipt.received_at for event in active
    )


# -- recovery ----------------------------------------------------------------------------------------------------------------


def _recovery(facts: Facts) -> None:
    """X3: a new payment method in time takes effect, and the recovery window is the domain's."""
    # A method that another had replaced before its answer has no deadline: the other is asked at once.
    failures = [event for event in facts.named(*FAILURES) if "settle_by" in event.entry.data]
    for event in failures:
        due = at_of(event.entry.data, "settle_by")
        _counted_recovery(facts, event, due, failures)
        for receipt in facts.said("change_payment_method"):
            since = [e for e in failures if event.seq < e.seq and e.entry.at <= receipt.received_at]
            if receipt.received_at < event.entry.at or since:
                continue
            race(facts, receipt, due, "recovery")
            if receipt.received_at < due and _is_refused_method(facts, receipt, due):
                refused_in_time(facts, receipt, due, "the recovery")


def _retried(facts: Facts) -> None:
    """P10: a method given while a payment is unsettled is charged before the line can be void for lack of it."""
    attempts = facts.named(*FAILURES, events.PaymentCaptured)
    for changed in facts.named(events.PaymentMethodChanged):
        former = [event for event in attempts if event.seq < changed.seq]
        if not former or former[-1].entry.event == events.PaymentCaptured.name or facts.by_hand:
            continue
        ended = [event for event in facts.named(*ENDINGS) if event.seq > changed.seq]
        tried = [event for event in attempts if event.seq > changed.seq]
        if ended and not tried and ended[0].entry.data.get("cause") in (None, "payment_not_recovered"):
            facts.world.violated(
                "recovery", f"{facts.row.id}: the method of {changed.entry.at} was never charged"
            )


def _is_refused_method(facts: Facts, receipt: Receipt, due: datetime) -> bool:
    code = code_of(receipt)
    return code == ErrorCode.RECOVERY_WINDOW_CLOSED or (
        code in GONE and not _has_ended_otherwise(facts, receipt, due)
    )


def _has_ended_otherwise(facts: Facts, receipt: Receipt, due: datetime) -> bool:
    """Whether the subscription had ended for another reason than this recovery before the receipt."""
    ended = facts.named(*ENDINGS)
    return any(event.entry.at <= receipt.received_at and event.entry.at != due for event in ended)


def _counted_recovery(facts: Facts, event: TimelineRow, due: datetime, failures: list[TimelineRow]) -> None:
    captured = [e for e in facts.named(events.PaymentCaptured) if e.seq < event.seq]
    since = captured[-1].seq if captured else 0
    first = next(e for e in failures if e.seq > since)
    line = facts.line_terms(term_at(facts, event.entry.at) or 0)
    if line is None or facts.was_reset:
        return
    counted = closes_at(first.entry.at, Duration.parse(line.recovery_window), facts.calendar)
    active = facts.named(events.SubscriptionActive)
    pending = not active or active[0].seq > event.seq
    allowed = {counted}
    if pending and facts.row.view["activation_by"]:
        extended = later(counted, datetime.fromisoformat(facts.row.view["activation_by"]))
        allowed = {extended, counted} if facts.named(events.DeadlineExtended) else {extended}
    if due not in allowed:
        facts.world.violated(
            "term",
            f"{facts.row.id}: the recovery of {first.entry.at} closes at {due}, not {sorted(allowed)}",
        )
