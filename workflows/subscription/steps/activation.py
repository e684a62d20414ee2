"""Activation: contract e-mail, the policy's steps, the charge; or void at no charge when the window closes (H1–H5, P4–P8, X1–X3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from activities.contracts.mail import MailOutcome, MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at, extended_by_parking, reminder_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import ActivationReminder, ContractReady, OrderDelayed, days_left
from jalon.domain.error_codes import ErrorCode
from jalon.domain.projections import VoidCause
from jalon.domain.refusals import activation_closed
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.transition import AuditEntry
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Step, dated, mail_step, takes
from workflows.messages import Begin, LineDelayed, LineKept, VoidLine
from workflows.subscription.commands import TakeStep
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.state import Export
from workflows.subscription.steps import charge, contract, endings

CONTRACT_MAIL = "contract"


async def until_steps_done(subscription: SubscriptionLife) -> None:
    """Waits for the last step, for the window to close, or until Temporal suggests continue-as-new."""
    await subscription.until(
        lambda: subscription.is_over() or subscription.steps_complete or subscription.history_long
    )


async def until_charged(subscription: SubscriptionLife) -> None:
    """Takes the first charge, where the line's terms ask for it at activation."""
    if not subscription.is_over() and known(subscription.state.line).charge_at == "activation":
        await charge.until_settled(subscription, "activation")


async def begin(
    subscription: SubscriptionLife, request: Begin, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Begins the subscription: draws up and sends its contract, and opens the window from the order's day (P8, X2)."""
    state = subscription.state
    state.order_id, state.number = request.order_id, request.number
    state.buyer, state.buyer_names, state.consumer = request.buyer, request.buyer_names, request.consumer
    state.admin, state.notice_by_law = request.buyer, request.notice_by_law
    state.export = Export(request.export, request.countries) if request.export else None
    state.purchase_order_number, state.ordered_at = request.purchase_order_number, request.ordered_at
    state.billing_address = request.billing_address
    state.news_by, state.method, state.mandate, state.paid = (
        request.news_by,
        request.method,
        request.mandate,
        request.paid,
    )
    state.line, state.terms = request.line, request.store
    state.move_to(SubscriptionStatus.PENDING_ACTIVATION)
    state.seat_count = request.line.seats
    subscription.transition.record_event(
        state.now, events.SubscriptionBegun(order=state.order_id, sku=request.line.sku)
    )
    if request.line.activation.steps:
        _open_window(subscription, request.parked_time)
        await contract.draw_up(subscription)
        _send_contract(subscription)
    return {"subscription": state.id}


def _open_window(subscription: SubscriptionLife, parked_time: timedelta) -> None:
    """Opens the window from the order's day (P8). What the order stood still for operators is added, in whole days."""
    state, activation = subscription.state, known(subscription.state.line).activation
    calendar, ordered_at = known(state.terms).calendar, known(state.ordered_at)
    if state.news_by is not None:
        state.agenda.put(Entry(Due.ORDER_NEWS, state.news_by, Due.ORDER_NEWS, "T10", "customer"))
    if activation.window is None:
        return
    counted = closes_at(ordered_at, Duration.parse(activation.window), calendar)
    state.activation_by = extended_by_parking(counted, parked_time, calendar)
    if state.activation_by > counted:
        event = events.DeadlineExtended(
            what=Due.ACTIVATION_WINDOW, former_by=counted, new_by=state.activation_by
        )
        subscription.transition.record_event(state.now, event)
    state.agenda.put(
        Entry(
            Due.ACTIVATION_WINDOW,
            state.activation_by,
            Due.ACTIVATION_WINDOW,
            "P5",
            "vendor",
            closing=True,
            blocked_by=mail_step(CONTRACT_MAIL),
        )
    )
    for number, after in enumerate(activation.reminders):
        remind_at = reminder_at(ordered_at, Duration.parse(after), calendar)
        if subscription.present() < remind_at < state.activation_by:
            state.agenda.put(
                Entry(
                    Due.ACTIVATION_REMINDER.numbered(number),
                    remind_at,
                    Due.ACTIVATION_REMINDER,
                    "P5",
                    "customer",
                )
            )


def _send_contract(subscription: SubscriptionLife) -> None:
    state, line = subscription.state, known(subscription.state.line)
    price = line.amount if line.charge_at == "activation" else None
    email = ContractReady(
        **subscription.line_facts(),
        quantity=line.quantity,
        activate_by=state.activation_by,
        charge_on_activation=price,
    )
    subscription.mail_admin(email, CONTRACT_MAIL)


def contract_sent(subscription: SubscriptionLife, request: MailRequest, outcome: MailOutcome) -> None:
    """Records whether the contract e-mail was accepted, which counts as news of the order (T10). `news_due` reads the fact."""
    subscription.state.news_sent = outcome.refusal is None


async def take_step(
    subscription: SubscriptionLife, request: TakeStep, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Takes one activation step, by the e-mail's link or in the portal. Both have one state, so the second one has no effect (P7)."""
    state = subscription.state
    activation = known(state.line).activation
    if state.status is SubscriptionStatus.VOID:
        return _closed(subscription)
    wanted = _steps_meant(request.step, activation.steps, activation.click_is_signature)
    if all(step in state.steps_done for step in wanted):
        return subscription.activation_answer()
    objection = _objection(subscription, request, message.at, wanted)
    if objection is not None:
        return objection
    for step in wanted:
        if step not in state.steps_done:
            _done(subscription, step, request, message)
    if "sign" in wanted and state.signed_document is None:
        await contract.draw_up_signed_copy(subscription)
    return subscription.activation_answer()


def _objection(
    subscription: SubscriptionLife, request: TakeStep, at: datetime, wanted: list[str]
) -> Refused | None:
    """The refusal of a step that may not be taken now, or None. The stamp decides, not the state (G3)."""
    state, steps = subscription.state, known(subscription.state.line).activation.steps
    window = state.agenda.find(Due.ACTIVATION_WINDOW)
    closed = state.activation_by is not None and at >= state.activation_by and not (window and window.held)
    if state.status is not SubscriptionStatus.PENDING_ACTIVATION or closed:
        return _closed(subscription)
    if wanted[-1] not in steps:
        message = f"The product has no step {wanted[-1]}; its steps are {', '.join(steps)}."
        return refused(ErrorCode.STEP_NOT_NEEDED, message, "H1", "/step")
    earlier = steps[: steps.index(wanted[-1])]
    missing = [step for step in earlier if step not in state.steps_done and step not in wanted]
    if missing:
        message = f"Do {' and '.join(missing)} first; the steps are {', '.join(steps)}."
        return refused(ErrorCode.STEP_OUT_OF_ORDER, message, "H1", "/step")
    return _unsigned(subscription, request) if "sign" in wanted else None


def _unsigned(subscription: SubscriptionLife, request: TakeStep) -> Refused | None:
    """The refusal of what is no signature under the document in force, or None (H4)."""
    if request.evidence is None:
        message = "Say who signs: send signer.name and signer.authorised = true."
        return refused(ErrorCode.SIGNER_MISSING, message, "H4", "/signer", 422)
    if request.document_sha256 is None:
        message = "Say which document was read: send the document_sha256 that the subscription names."
        return refused(ErrorCode.DOCUMENT_UNNAMED, message, "H4", "/document_sha256", 422)
    if request.document_sha256 != subscription.state.document_sha256:
        message = "The document shown is not the one to sign; read it again and sign."
        return refused(ErrorCode.DOCUMENT_CHANGED, message, "H4", "/document_sha256")
    return None


def _steps_meant(step: str, steps: tuple[str, ...], click_is_signature: bool) -> list[str]:
    """The steps that a command takes. Opening is part of any later step; where the click is the signature it takes both (X1)."""
    meant = ["open_contract"] if "open_contract" in steps else []
    if click_is_signature and step in ("click_activate", "sign"):
        return [*meant, *(each for each in steps if each != "open_contract")]
    return meant if step == "open_contract" else [*meant, step]


def _closed(subscription: SubscriptionLife) -> Refused:
    if subscription.state.status is SubscriptionStatus.VOID or subscription.state.activation_by is not None:
        return Refused((activation_closed(),))
    return refused(ErrorCode.NOT_PENDING, f"This subscription is {subscription.state.status}.", "P4")


def _done(subscription: SubscriptionLife, step: str, request: TakeStep, message: ReceivedCommand) -> None:
    state = subscription.state
    state.steps_done[step] = message.at
    if step == "sign":
        state.evidence = request.evidence
    subscription.transition.record_event(
        message.at, events.STEP_TAKEN[step](entry=request.entry), actor=message.actor
    )
    if subscription.steps_complete:
        # Who took every step has the contract, whatever became of its e-mail: nobody waits for news any more (T10).
        state.agenda.remove(Due.ACTIVATION_WINDOW, Due.ORDER_NEWS)
        for number in range(len(known(state.line).activation.reminders)):
            state.agenda.remove(Due.ACTIVATION_REMINDER.numbered(number))


async def remind(subscription: SubscriptionLife, entry: Entry) -> None:
    """Reminds the customer to activate, with the days that are left. A reminder that comes too late to be true stays out (X21)."""
    state, present = subscription.state, subscription.present()
    if subscription.overtaken(entry) or present >= known(state.activation_by):
        return
    left = days_left(known(state.activation_by), present, known(state.terms).calendar)
    subscription.transition.record_event(state.now, events.ActivationReminded(days_left=left))
    email = ActivationReminder(
        **subscription.line_facts(),
        quantity=known(state.line).quantity,
        activate_by=known(state.activation_by),
        days_left=left,
    )
    subscription.mail_admin(email, entry.key)


async def close_window(subscription: SubscriptionLife, entry: Entry) -> None:
    """Voids the line at no charge when it was not activated in time (P5)."""
    endings.void(subscription, "activation_window_closed", "P5", entry.due_at)


async def void_line(
    subscription: SubscriptionLife, request: VoidLine, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Voids a pending line of an order that is to be cancelled. A line that was signed before stays, and tells its order so (G3)."""
    state = subscription.state
    if state.status is SubscriptionStatus.VOID:
        return {"subscription": state.id}
    signed = subscription.steps_complete and state.first_failure_at is None
    if state.status is not SubscriptionStatus.PENDING_ACTIVATION or signed:
        subscription.tell_order(f"line/kept/{request.turn}", LineKept(state.id, request.turn))
        return {"subscription": state.id}
    state.move_to(SubscriptionStatus.VOID)
    state.void_cause = VoidCause.CANCELLED
    state.agenda.clear()
    subscription.transition.record_event(
        state.now, events.SubscriptionVoid(cause=request.reason), actor=message.actor
    )
    subscription.transition.audit(
        AuditEntry(state.now, message.actor, message.role, "void_line", None, request.reason)
    )
    subscription.notify_order("void")
    return {"subscription": state.id}


async def news_due(subscription: SubscriptionLife, entry: Entry) -> None:
    """Marks the order as delayed when the contract's e-mail was never sent (T10)."""
    state = subscription.state
    if state.news_sent:
        return
    state.delayed_at = entry.due_at
    subscription.transition.record_event(state.now, events.OrderDelayed())
    subscription.expire("order_delayed", "T10")
    subscription.tell_order("line/delayed", LineDelayed(state.id, entry.due_at))
    facts = subscription.line_facts()
    subscription.mail_admin(OrderDelayed(**facts, ordered_at=known(state.ordered_at)), "order-delayed")


def _dated(subscription: SubscriptionLife, request: MailRequest) -> MailRequest:
    return dated(request, "activate_by", subscription.state.activation_by)


def _is_pending(subscription: SubscriptionLife, _: MailRequest) -> bool:
    return subscription.state.status is SubscriptionStatus.PENDING_ACTIVATION


def _is_reminded_in_time(subscription: SubscriptionLife, request: MailRequest) -> bool:
    state = subscription.state
    in_time = state.activation_by is None or subscription.present() < state.activation_by
    return _is_pending(subscription, request) and not subscription.steps_complete and in_time


STEP = Step(
    takes=(
        takes(Begin, begin),
        takes(TakeStep, take_step),
        takes(VoidLine, void_line),
    ),
    due={Due.ACTIVATION_WINDOW: close_window, Due.ACTIVATION_REMINDER: remind, Due.ORDER_NEWS: news_due},
    sent={ContractReady: contract_sent},
    redate={ContractReady: _dated, ActivationReminder: _dated},
    stands={ContractReady: _is_pending, ActivationReminder: _is_reminded_in_time, OrderDelayed: _is_pending},
)
