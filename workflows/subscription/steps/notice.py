"""The notices of a renewal, what proves them, and what becomes of a renewal without proof (D14, X15, X16, C1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from activities.contracts.mail import MailOutcome, MailRequest
from activities.contracts.policy import RENEWAL_TERMS, RenewalQuestion
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import reminder_before
from jalon.domain.calendar.durations import Duration
from jalon.domain.calendar.periods import term_bounds
from jalon.domain.emails import RenewalNotice
from jalon.domain.projections import ChargeWait
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused
from workflows.engine.state import known
from workflows.engine.step import Step, mail_step, takes
from workflows.subscription import proof
from workflows.subscription.commands import ReportNotice
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.state import Notice, SubscriptionState


def plan(subscription: SubscriptionLife) -> None:
    """Puts the notices of the term on the agenda, and the look whether one of them was taken."""
    state, line, calendar = (
        subscription.state,
        known(subscription.state.line),
        known(subscription.state.terms).calendar,
    )
    stop_by, starts = known(state.stop_by), known(state.term_start)
    due = [reminder_before(stop_by, Duration.parse(each), calendar) for each in line.renewal.notices_before]
    rule = proof.law(state)
    if rule is not None and not any(proof.is_lawful(state, rule, each) for each in due):
        due.append(reminder_before(stop_by, Duration.parse(rule.sent), calendar))
    for number, at in enumerate(due):
        if at > starts:
            key = Due.RENEWAL_NOTICE.numbered(number)
            state.agenda.put(Entry(key, at, Due.RENEWAL_NOTICE, "D14", "customer"))
    look_at = reminder_before(stop_by, Duration.parse(line.renewal.notice_task_before), calendar)
    if look_at > starts and any(at > starts for at in due):
        what = Due.RENEWAL_UNANNOUNCED
        state.agenda.put(Entry(what, look_at, what, "X16", "customer"))


async def notify(subscription: SubscriptionLife, entry: Entry) -> None:
    """Announces the renewal. While the charge of the running term still waits for its notice, that is announced again."""
    state = subscription.state
    refusable = state.charge_waits_for is not None and not proof.is_lacking(state)
    if state.stop_requested_at is None and not refusable:
        await announce(subscription, entry.key)


async def announce(subscription: SubscriptionLife, turn: str) -> None:
    """Sends a notice: the date of the renewal, its price, and until when it can be refused."""
    state = subscription.state
    begun, terms = state.charge_waits_for is not None, known(state.line)
    announced, renews_at, ends = terms, known(state.term_start), known(state.term_end)
    if not begun:
        renews_at = known(state.term_end)
        _, ends = term_bounds(
            known(state.anchor), Duration.parse(terms.term), state.term + 1, known(state.terms).calendar
        )
        question = RenewalQuestion(state.store, state.id, state.term + 1, terms, state.now, announced=True)
        announced = (await subscription.local(RENEWAL_TERMS, question)).line
    open_ = state.renewal_committed_at is None and proof.refuse_by(state) is None
    email = RenewalNotice(
        **subscription.subscription_facts(),
        price=announced.amount,
        renews_at=renews_at,
        next_term_until=ends,
        stop_by=renews_at if begun else proof.cutoff(state) if open_ else known(state.stop_by),
        lead=proof.lead(state) if open_ else None,
        strict=proof.law(state) is not None,
        waits=proof.waits_without_notice(state),
        price_if_late=min(announced.amount, state.binding.amount, key=lambda each: each.amount),
    )
    occurrence = f"renewal-notice/{state.term}/{turn}"
    state.notices.append(Notice(occurrence, state.admin, announced, state.now))
    event = events.RenewalAnnounced(price=announced.amount, notice=occurrence, renews_at=renews_at)
    subscription.transition.record_event(state.now, event)
    subscription.mail(email, occurrence, state.admin)


def settled(subscription: SubscriptionLife, request: MailRequest, outcome: MailOutcome) -> None:
    """Records what became of a notice: what was taken while the renewal could be refused binds, and proves it (X15)."""
    state = subscription.state
    notice = next((each for each in state.notices if each.occurrence == request.occurrence), None)
    if notice is None:
        # It was under way when its renewal took place.
        return
    notice.message_id = outcome.message_id
    if outcome.refusal is not None:
        _failed(subscription, notice, outcome.refusal)
        return
    notice.left_at, notice.refuse_by = outcome.sent_at, proof.refusable_until(state, outcome.sent_at)
    event = events.RenewalNoticeTaken(
        notice=notice.occurrence,
        price=notice.terms.amount,
        renews_at=renews_at(state),
        refuse_by=notice.refuse_by,
        message_id=outcome.message_id,
        server=outcome.server,
        answer=outcome.answer,
    )
    subscription.transition.record_event(outcome.sent_at, event)
    returned = state.returned.pop(outcome.message_id, None)
    if returned is not None:
        _failed(subscription, notice, returned)
    else:
        review(subscription)


async def came_back(
    subscription: SubscriptionLife, request: ReportNotice, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Takes a mail server's report that a notice came back: it proves nothing any more (X16)."""
    state = subscription.state
    notice = next((each for each in state.notices if each.message_id == request.message_id), None)
    if notice is None and any(each.is_under_way for each in state.notices):
        state.returned[request.message_id] = request.status
    elif notice is not None and notice.failed is None:
        _failed(subscription, notice, request.status)
    return {"subscription": state.id}


def _failed(subscription: SubscriptionLife, notice: Notice, code: str) -> None:
    notice.failed = code
    event = events.RenewalNoticeFailed(
        notice=notice.occurrence, code=code, message_id=notice.message_id or ""
    )
    subscription.transition.record_event(subscription.state.now, event)
    review(subscription)


def renews_at(state: SubscriptionState) -> datetime:
    """The start of the term that the notices are of."""
    return known(state.term_end if state.charge_waits_for is None else state.term_start)


async def announce_if_missing(subscription: SubscriptionLife) -> None:
    """Sends another notice where none has reached the customer, and none is on its way."""
    state = subscription.state
    leaving = any(mail_step(each.occurrence) in state.outgoing for each in state.notices)
    if proof.is_lacking(state) and not leaving:
        await announce(subscription, f"again/{len(state.notices)}")


# -- the renewal without proof -------------------------------------------------------------------------------------------------


async def look(subscription: SubscriptionLife, entry: Entry) -> None:
    """Gives support a task where no notice was taken so far."""
    review(subscription)


def review(subscription: SubscriptionLife) -> None:
    """Brings support's task, the cutoff and the charge that waits in line with what the notices prove."""
    state = subscription.state
    subscription.transition.touch()
    if subscription.is_over():
        return
    lacking, refuse_by = proof.is_lacking(state), proof.refuse_by(state)
    looked = state.agenda.find(Due.RENEWAL_UNANNOUNCED) is None or state.charge_waits_for is not None
    if not lacking:
        state.notice_missing_since = None
    elif looked and state.notice_missing_since is None and proof.failed_or_late(state):
        state.notice_missing_since = state.now
        subscription.transition.record_event(state.now, events.RenewalUnannounced())
    if state.charge_waits_for is not None:
        _keep_charge_waiting(state, refuse_by)
    elif lacking and state.agenda.find(Due.STOP_CUTOFF) is None:
        state.stop_by, state.renewal_committed_at = state.term_end, None
    elif refuse_by is not None and refuse_by > proof.cutoff(state):
        _move_cutoff(state, refuse_by)


def _keep_charge_waiting(state: SubscriptionState, refuse_by: datetime | None) -> None:
    """The charge waits until whoever was told can no longer refuse."""
    state.charge_waits_for = ChargeWait(what="renewal_notice", since=known(state.term_start), until=refuse_by)
    if refuse_by is None:
        state.agenda.remove(Due.REFUSAL)
    else:
        state.agenda.put(Entry(Due.REFUSAL, refuse_by, Due.REFUSAL, "X16", "customer", closing=True))


def _move_cutoff(state: SubscriptionState, refuse_by: datetime) -> None:
    """A late notice leaves its time to stop; where the charge does not wait, no later than the new term begins."""
    term_end = known(state.term_end)
    state.stop_by = refuse_by if proof.waits_without_notice(state) else min(refuse_by, term_end)
    state.agenda.remove(Due.STOP_CUTOFF)
    if refuse_by < term_end:
        state.agenda.put(Entry(Due.STOP_CUTOFF, refuse_by, Due.STOP_CUTOFF, "D15", "vendor", closing=True))


def keeps_open(subscription: SubscriptionLife) -> bool:
    """Whether the cutoff passes without effect, since no notice reached the customer: the renewal can be stopped until the new term.

    So it is while the running term itself waits for its notice: the next one is announced after that.
    """
    state = subscription.state
    if state.charge_waits_for is not None:
        return True
    if not proof.is_lacking(state):
        return False
    subscription.transition.record_event(state.now, events.RenewalKeptOpen())
    review(subscription)
    return True


def charge_waits(subscription: SubscriptionLife) -> bool:
    """Whether the charge of the term that now begins waits: nobody was told of it, or whoever was told late may still refuse."""
    return proof.charge_waits(subscription.state, known(subscription.state.term_start))


def begin_term(subscription: SubscriptionLife, *, waits: bool) -> None:
    """Takes the notices of the term that begins off the books, or has its charge wait for them (X16)."""
    state = subscription.state
    if not waits:
        state.notices, state.returned, state.notice_missing_since = [], {}, None
        return
    until, state.paid, state.payment = proof.refuse_by(state), False, None
    _keep_charge_waiting(state, until)
    subscription.transition.record_event(state.now, events.ChargeWaits(until=until))
    for notice in state.notices:
        notice.terms = known(state.line)
    review(subscription)


async def refusal_over(subscription: SubscriptionLife, entry: Entry) -> None:
    """Lets the charge go that waited: whoever was told has not refused."""
    state = subscription.state
    state.charge_waits_for, state.notices, state.returned = None, [], {}
    subscription.transition.record_event(entry.due_at, events.RefusalClosed())
    subscription.expire("refusal_closed", "X16")
    left = any(each.what == Due.RENEWAL_NOTICE for each in state.agenda.entries)
    if known(state.line).renewal.automatic and known(state.line).renewal.notices_before and not left:
        # Those of the next renewal were due while this one waited.
        await announce(subscription, "next")
        review(subscription)


def _renews(subscription: SubscriptionLife, _: MailRequest) -> bool:
    """A notice that law requires is withdrawn only where nothing is left to announce (X21)."""
    return subscription.state.stop_requested_at is None and not subscription.is_over()


STEP = Step(
    takes=(takes(ReportNotice, came_back),),
    due={
        Due.RENEWAL_NOTICE: notify,
        Due.RENEWAL_UNANNOUNCED: look,
        Due.REFUSAL: refusal_over,
    },
    sent={RenewalNotice: settled},
    stands={RenewalNotice: _renews},
)
