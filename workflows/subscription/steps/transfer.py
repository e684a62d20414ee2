"""The transfer of a subscription's administration: to a listed user at once, to a new person once they accept (H12–H14, P11, X11)."""

from __future__ import annotations

from typing import Any

from activities.contracts.mail import MailOutcome, MailRequest
from activities.contracts.people import SET_UP_IDENTITY, IdentityRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.emails import AdminPassedOn, AdminTransferLapsed, AdminTransferPending, AdminTransferred
from jalon.domain.error_codes import ErrorCode
from jalon.domain.refusals import transfer_over
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.terms import TRANSFER_WINDOW
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Step, takes
from workflows.subscription.commands import AcceptTransfer, CallOffTransfer, TransferAdmin
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.state import Transfer


async def transfer(
    subscription: SubscriptionLife, request: TransferAdmin, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Makes a listed user the admin at once, or asks a new person, until whose acceptance the admin keeps every right (X11)."""
    state = subscription.state
    objection = _objection(subscription, request)
    if objection is not None:
        return objection
    state.transfers += 1
    if request.seat is not None:
        _switch(subscription, state.transfers, request.party, message)
    else:
        _ask(subscription, request.party, message)
    return _answer(subscription, state.transfers)


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
        until = known(state.terms).calendar.wall(state.transfer.accept_by)
        message = f"Transfer {state.transfer.number} is pending until {until}; call it off first."
        return refused(ErrorCode.TRANSFER_PENDING, message, "X11")
    if request.seat is None:
        return None
    seat = state.seats.get(request.seat)
    if seat is None or seat.state != "assigned" or seat.party != request.party:
        message = "Nobody has this seat; choose one that is assigned, or name a person by e-mail address."
        return refused(ErrorCode.USER_NOT_LISTED, message, "P11", "/seat")
    return None


def _answer(subscription: SubscriptionLife, number: int) -> dict[str, Any]:
    state = subscription.state
    return {"subscription": state.id, "transfer": number, "transferred": state.admin_by == number}


def _ask(subscription: SubscriptionLife, party: str, message: ReceivedCommand) -> None:
    """Asks a new person. Its end protects the admin, so that neither an outage nor a parked e-mail moves it."""
    state = subscription.state
    until = closes_at(message.at, TRANSFER_WINDOW, known(state.terms).calendar)
    number = state.transfers
    state.transfer = Transfer(number, party, message.at, until)
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
    subscription.mail(email, f"admin-transfer/{number}", party, str(number), about=_named(subscription))


def _named(subscription: SubscriptionLife) -> str:
    """By what the admin is named to somebody else: the names of the order for its buyer (X18), else the person's own."""
    state = subscription.state
    return state.names_of(state.admin) or state.admin


async def accept(
    subscription: SubscriptionLife, request: AcceptTransfer, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Makes the person the admin, in one transition, judged by the receipt of their acceptance (G3)."""
    state = subscription.state
    if request.transfer == state.admin_by and request.transfer:
        return _answer(subscription, request.transfer)
    pending = _pending(subscription, request.transfer)
    if pending is None or message.at >= pending.accept_by:
        return Refused((transfer_over(),))
    await subscription.local(SET_UP_IDENTITY, IdentityRequest(state.store, pending.party, message.at))
    _close(subscription)
    _switch(subscription, pending.number, pending.party, message)
    return _answer(subscription, pending.number)


async def call_off(
    subscription: SubscriptionLife, request: CallOffTransfer, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Calls the pending transfer off; its link does nothing any more."""
    if _pending(subscription, request.transfer) is None:
        return Refused((transfer_over(),))
    _close(subscription)
    event = events.AdminTransferCalledOff(transfer=request.transfer)
    subscription.transition.record_event(message.at, event, actor=message.actor)
    return _answer(subscription, request.transfer)


def _pending(subscription: SubscriptionLife, number: int) -> Transfer | None:
    """The transfer with this number while it is pending and the subscription runs."""
    state = subscription.state
    runs = state.status is SubscriptionStatus.ACTIVE
    return state.transfer if runs and state.transfer and state.transfer.number == number else None


def _close(subscription: SubscriptionLife) -> None:
    subscription.state.transfer = None
    subscription.state.agenda.remove(Due.ADMIN_TRANSFER)


def _switch(subscription: SubscriptionLife, number: int, party: str, message: ReceivedCommand) -> None:
    """The one switch: the former admin loses the administration and their own seat, and both hear of it (H12, H14)."""
    state = subscription.state
    former, former_named = state.admin, _named(subscription)
    state.admin, state.admin_since, state.admin_by = party, message.at, number
    event = events.AdminTransferred(transfer=number, former_admin=former, new_admin=party)
    subscription.transition.record_event(message.at, event, actor=message.actor)
    seat = state.seat_of(former)
    if seat is not None:
        seat.free()
        state.agenda.remove(Due.INVITATION.numbered(seat.number))
        subscription.transition.record_event(
            message.at, events.SeatRevoked(seat=seat.number), actor=message.actor
        )
    facts, occurrence = subscription.subscription_facts(), f"admin-transferred/{number}"
    subscription.mail(AdminTransferred(**facts), occurrence, party, about=former_named)
    passed_on = AdminPassedOn(**facts, had_seat=seat is not None)
    subscription.mail(passed_on, f"admin-passed-on/{number}", former, about=_named(subscription))


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
    if outcome.refusal is None or pending is None:
        return
    _close(subscription)
    event = events.AdminTransferUndeliverable(transfer=pending.number)
    subscription.transition.record_event(outcome.sent_at, event)
    _tell_of_the_end(subscription, pending, AdminTransferLapsed(**subscription.subscription_facts()))


def _tell_of_the_end(subscription: SubscriptionLife, pending: Transfer, email: AdminTransferLapsed) -> None:
    occurrence = f"admin-transfer-lapsed/{pending.number}"
    subscription.mail(email, occurrence, subscription.state.admin, about=pending.party)


def _is_asked(subscription: SubscriptionLife, request: MailRequest) -> bool:
    return _pending(subscription, int(request.link_subject)) is not None


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
