"""The transfer of a subscription's administration: to a listed user at once, to a new person once they accept (H12–H14, P11, X11)."""

from __future__ import annotations

from typing import Any

from activities.contracts.mail import MailOutcome, MailRequest
from activities.contracts.people import SET_UP_IDENTITY, IdentityRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.emails import AdminTransferLapsed, AdminTransferPending
from jalon.domain.error_codes import ErrorCode
from jalon.domain.refusals import transfer_over
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.terms import TRANSFER_WINDOW
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Outcome, Step, takes
from workflows.subscription.commands import AcceptTransfer, CallOffTransfer, TransferAdmin
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.state import Transfer
from workflows.subscription.steps import switching


async def transfer(
    subscription: SubscriptionLife, request: TransferAdmin, message: ReceivedCommand
) -> Outcome:
    """Makes a listed user the admin at once, or asks a new person, until whose acceptance the admin keeps every right (X11)."""
    state = subscription.state
    objection = _objection(subscription, request)
    if objection is not None:
        return objection
    state.transfers += 1
    if request.seat is None:
        _ask(subscription, request.party, message)
        return switching.answer(subscription, state.transfers)
    return switching.agree(subscription, _named_now(subscription, request.party, message), message)


def _named_now(subscription: SubscriptionLife, party: str, message: ReceivedCommand) -> Transfer:
    until = closes_at(message.at, TRANSFER_WINDOW, known(subscription.state.terms).calendar)
    return Transfer(subscription.state.transfers, party, message.at, until)


def _objection(subscription: SubscriptionLife, request: TransferAdmin) -> Refused | None:
    """The refusal of a transfer that cannot begin now, or None."""
    state = subscription.state
    if state.status is not SubscriptionStatus.ACTIVE:
        message = f"This subscription is {state.status}; its administration moves while it is active."
        return refused(ErrorCode.NOT_ACTIVE, message, "P10")
    pointer = "/email" if request.seat is None else "/seat"
    if request.party == state.admin:
        message = "This person is the admin already; name somebody else."
        return refused(ErrorCode.ALREADY_ADMIN, message, "P11", pointer)
    if state.transfer is not None:
        return _another(subscription, state.transfer)
    if request.seat is None:
        return None
    seat = state.seats.get(request.seat)
    if seat is None or seat.state != "assigned" or seat.party != request.party:
        message = "Nobody has this seat; choose one that is assigned, or name a person by e-mail address."
        return refused(ErrorCode.USER_NOT_LISTED, message, "P11", "/seat")
    return None


def _another(subscription: SubscriptionLife, pending: Transfer) -> Refused:
    """The refusal beside a transfer that has not ended yet."""
    until = known(subscription.state.terms).calendar.wall(pending.accept_by)
    message = f"Transfer {pending.number} is pending until {until}; call it off first."
    if pending.agreed is not None:
        message = f"Transfer {pending.number} is being processed; wait for its end, or call it off first."
    return refused(ErrorCode.TRANSFER_PENDING, message, "X11")


def _ask(subscription: SubscriptionLife, party: str, message: ReceivedCommand) -> None:
    """Asks a new person. Its end protects the admin, so that neither an outage nor a parked e-mail moves it."""
    state = subscription.state
    asked = state.transfer = _named_now(subscription, party, message)
    number, until = asked.number, asked.accept_by
    state.agenda.put(
        Entry(
            Due.ADMIN_TRANSFER,
            until,
            Due.ADMIN_TRANSFER,
            "X11",
            "customer",
            closing=True,
            subject=str(number),
        )
    )
    event = events.AdminTransferRequested(transfer=number, accept_by=until, new_admin=party)
    subscription.transition.record_event(message.at, event, actor=message.actor)
    email = AdminTransferPending(**subscription.subscription_facts(), accept_by=until)
    subscription.mail(
        email, f"admin-transfer/{number}", party, str(number), about=switching.named(subscription)
    )


async def accept(
    subscription: SubscriptionLife, request: AcceptTransfer, message: ReceivedCommand
) -> Outcome:
    """Makes the person the admin, in one transition, judged by the receipt of their acceptance (G3)."""
    state = subscription.state
    if request.transfer == state.admin_by and request.transfer:
        return switching.answer(subscription, request.transfer)
    pending = _pending(subscription, request.transfer)
    if pending is not None and pending.agreed is not None:
        return switching.answer(subscription, pending.number)
    if pending is None or message.at >= pending.accept_by:
        return Refused((transfer_over(),))
    await subscription.local(SET_UP_IDENTITY, IdentityRequest(state.store, pending.party, message.at))
    if state.transfer is not pending:
        # Its e-mail came back meanwhile.
        return Refused((transfer_over(),))
    return switching.agree(subscription, pending, message)


async def call_off(
    subscription: SubscriptionLife, request: CallOffTransfer, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Calls the pending transfer off; its link does nothing any more."""
    if _pending(subscription, request.transfer) is None:
        return Refused((transfer_over(),))
    switching.drop(subscription)
    event = events.AdminTransferCalledOff(transfer=request.transfer)
    subscription.transition.record_event(message.at, event, actor=message.actor)
    return switching.answer(subscription, request.transfer)


def _pending(subscription: SubscriptionLife, number: int) -> Transfer | None:
    """The transfer with this number while it is pending and the subscription runs."""
    state = subscription.state
    runs = state.status is SubscriptionStatus.ACTIVE
    return state.transfer if runs and state.transfer and state.transfer.number == number else None


async def lapse(subscription: SubscriptionLife, entry: Entry) -> None:
    """Ends a transfer that nobody accepted in time, and tells the admin, who keeps every right."""
    state = subscription.state
    pending = known(state.transfer)
    state.transfer = None
    event = events.AdminTransferLapsed(transfer=pending.number, accept_by=entry.due_at)
    subscription.transition.record_event(entry.due_at, event)
    subscription.expire("admin_transfer_lapsed", "X11", {"transfer": pending.number})
    _tell_of_the_end(
        subscription,
        pending,
        AdminTransferLapsed(**subscription.subscription_facts(), accept_by=entry.due_at),
    )


def asked(subscription: SubscriptionLife, request: MailRequest, outcome: MailOutcome) -> None:
    """Ends a transfer whose e-mail was refused for good, and tells the admin."""
    pending = _pending(subscription, int(request.link_subject))
    if outcome.refusal is None or pending is None or pending.agreed is not None:
        return
    switching.close(subscription)
    event = events.AdminTransferUndeliverable(transfer=pending.number)
    subscription.transition.record_event(outcome.sent_at, event)
    _tell_of_the_end(subscription, pending, AdminTransferLapsed(**subscription.subscription_facts()))


def _tell_of_the_end(subscription: SubscriptionLife, pending: Transfer, email: AdminTransferLapsed) -> None:
    occurrence = f"admin-transfer-lapsed/{pending.number}"
    subscription.mail_admin(email, occurrence, about=pending.party)


def _is_asked(subscription: SubscriptionLife, request: MailRequest) -> bool:
    pending = _pending(subscription, int(request.link_subject))
    return pending is not None and pending.agreed is None


STEP = Step(
    takes=(
        takes(TransferAdmin, transfer),
        takes(AcceptTransfer, accept),
        takes(CallOffTransfer, call_off),
    ),
    due={Due.ADMIN_TRANSFER: lapse},
    sent={AdminTransferPending: asked},
    stands={AdminTransferPending: _is_asked},
)
