"""A paid term: it starts, announces its renewal, and ends (D14, G4, G8)."""

from __future__ import annotations

from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.policy import RENEWAL_TERMS, RenewalQuestion
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_before_end
from jalon.domain.calendar.durations import Duration
from jalon.domain.calendar.periods import term_bounds
from jalon.domain.emails import Renewed, SubscriptionActive
from jalon.domain.error_codes import ErrorCode
from jalon.domain.money import Money
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.terms import LineTerms
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Step, takes
from workflows.subscription.commands import ChangePurchaseOrder
from workflows.subscription.cutoff import cutoff_at
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.steps import charge, fewer_seats, notice


def first_term(subscription: SubscriptionLife) -> None:
    """Activates the subscription: its first term starts now, and its order is notified."""
    state, line = subscription.state, known(subscription.state.line)
    state.anchor = state.now
    _open_term(subscription)
    subscription.transition.record_event(state.now, events.SubscriptionActive(term_end=known(state.term_end)))
    subscription.notify_order("active")
    email = SubscriptionActive(
        **subscription.line_facts(),
        subscription_number=state.id,
        quantity=line.quantity,
        term_until=known(state.term_end),
        renews=line.renewal.automatic,
        user_management=line.user_management,
        charged=_charged(line) if line.charge_at == "activation" else None,
    )
    subscription.mail_admin(email, "active")


async def renew(subscription: SubscriptionLife) -> None:
    """Starts the next term on the terms that bind (G6, T11, X15). Its charge is made then (G8), or waits for its notice (X16)."""
    state = subscription.state
    state.now = known(state.term_start)
    line, bound = known(state.line), state.binding
    waits = notice.charge_waits(subscription)
    question = RenewalQuestion(state.store, state.id, state.term, line, state.now, bound=bound)
    answer = await subscription.local(RENEWAL_TERMS, question)
    state.line, state.terms, state.in_force = answer.line, answer.store, answer.in_force
    _open_term(subscription)
    subscription.transition.record_event(
        state.now,
        events.TermStarted(term=state.term, term_end=known(state.term_end), policy=answer.store.policy_hash),
    )
    notice.begin_term(subscription, waits=waits and bool(answer.line.amount.amount))
    fewer_seats.take_effect(subscription)
    fewer_seats.tell(subscription)
    if state.charge_waits_for is None:
        await _charge(subscription)


async def until_charged(subscription: SubscriptionLife) -> None:
    """Waits with the charge of a term that was not announced (X16), until Temporal suggests continue-as-new."""
    waited = subscription.charge_waits
    await subscription.until(
        lambda: (
            subscription.is_over()
            or not subscription.charge_waits
            or subscription.term_over
            or subscription.history_long
        )
    )
    if waited and not (subscription.charge_waits or subscription.is_over()):
        await _charge(subscription)


async def _charge(subscription: SubscriptionLife) -> None:
    """Charges the term that has begun, and tells that it is paid."""
    state = subscription.state
    await charge.until_settled(subscription, "renewal")
    if subscription.is_over() or not state.paid:
        return
    email = Renewed(
        **subscription.subscription_facts(),
        charged=_charged(known(state.line)),
        term_starts_at=known(state.term_start),
        term_until=known(state.term_end),
    )
    subscription.mail_admin(email, f"renewed/{state.term}")


def _charged(line: LineTerms) -> Money | None:
    """The amount of a term, None for a free one."""
    return line.amount if line.amount.amount else None


def _open_term(subscription: SubscriptionLife) -> None:
    """Puts the entries of the term on the agenda."""
    state, line, calendar = (
        subscription.state,
        known(subscription.state.line),
        known(subscription.state.terms).calendar,
    )
    state.term_start, state.term_end = term_bounds(
        known(state.anchor), Duration.parse(line.term), state.term, calendar
    )
    state.move_to(SubscriptionStatus.ACTIVE)
    state.term_open, state.renewal_committed_at = True, None
    state.agenda.remove(Due.NEXT_SWITCH)
    if state.stop_requested_at is not None and state.stop_requested_at < state.term_start:
        state.stop_requested_at = state.warned_until = None
    state.stop_by = closes_before_end(state.term_end, Duration.parse(line.renewal.stop_until), calendar)
    state.agenda.put(Entry(Due.TERM_END, state.term_end, Due.TERM_END, "G8", "law", closing=True))
    if not line.renewal.automatic:
        return
    state.agenda.put(Entry(Due.STOP_CUTOFF, state.stop_by, Due.STOP_CUTOFF, "D15", "vendor", closing=True))
    notice.plan(subscription)


async def until_over(subscription: SubscriptionLife) -> None:
    """Waits for the end of the term, or until Temporal suggests continue-as-new."""
    await subscription.until(
        lambda: subscription.is_over() or subscription.term_over or subscription.history_long
    )


async def end_term(subscription: SubscriptionLife, entry: Entry) -> None:
    """Records that the term has ended, at its own end also where that waited for a cutoff that an outage moved (G7)."""
    state, subscription.term_over = subscription.state, True
    subscription.transition.record_event(known(state.term_end), events.TermEnded(term=state.term))
    if known(state.line).renewal.automatic and not state.paid:
        await open_next_switch(subscription, entry)


async def open_next_switch(subscription: SubscriptionLife, _: Entry) -> None:
    """Has the switch of the term after this one shown, while a charge under way keeps the term that should run from starting (D15)."""
    state = subscription.state
    over = cutoff_at(state, state.now).term_end
    state.agenda.put(Entry(Due.NEXT_SWITCH, over, Due.NEXT_SWITCH, "D15", "customer"))


async def change_purchase_order(
    subscription: SubscriptionLife, request: ChangePurchaseOrder, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records the customer's own number for this purchase (P9, P12)."""
    state = subscription.state
    if state.status is not SubscriptionStatus.ACTIVE:
        return refused(
            ErrorCode.NOT_ACTIVE,
            f"This subscription is {state.status}; it can be managed once activated.",
            "P10",
        )
    state.purchase_order_number = request.purchase_order_number
    subscription.transition.record_event(state.now, events.PurchaseOrderChanged(), actor=message.actor)
    return {"subscription": state.id}


def _runs_first_term(subscription: SubscriptionLife, _: MailRequest) -> bool:
    """Later terms have e-mails of their own."""
    return subscription.state.status is SubscriptionStatus.ACTIVE and subscription.state.term == 0


STEP = Step(
    takes=(takes(ChangePurchaseOrder, change_purchase_order),),
    due={Due.TERM_END: end_term, Due.NEXT_SWITCH: open_next_switch},
    stands={SubscriptionActive: _runs_first_term},
)
