"""The projection of a subscription, computed from its state."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from pydantic import TypeAdapter

from jalon.domain.due import Due
from jalon.domain.money import Money
from jalon.domain.projections import (
    ChargeAt,
    Document,
    FewerSeats,
    PersonHold,
    SeatProjection,
    SeatState,
    StepProgress,
    SubscriptionProjection,
    TransferProjection,
    WaitingFor,
)
from jalon.domain.statuses import SubscriptionStatus, standing
from workflows.engine.state import known
from workflows.projected_parts import halted_steps, hold_facts, parked_steps, payment
from workflows.shared_steps.holds import Hold
from workflows.subscription.cutoff import Cutoff, cutoff_at
from workflows.subscription.seat import Seat
from workflows.subscription.state import SubscriptionState, Transfer

_JSON = TypeAdapter(SubscriptionProjection)


def subscription_view(state: SubscriptionState) -> dict[str, Any]:
    """The subscription's projection as JSON."""
    view: dict[str, Any] = _JSON.dump_python(project(state), mode="json")
    return view


def project(state: SubscriptionState) -> SubscriptionProjection:
    """The projection: the entitlement, the term, the renewal, the seats and whom the subscription waits for."""
    line, cutoff = known(state.line), _cutoff(state)
    return SubscriptionProjection(
        id=state.id,
        store=state.store,
        status=state.status,
        standing=standing(state.status, vars(state)),
        agenda=state.agenda.projected(),
        parked=parked_steps(state),
        halted=halted_steps(state),
        order_id=state.order_id,
        number=state.number,
        delayed_at=state.delayed_at,
        buyer=state.buyer,
        buyer_names=state.buyer_names,
        admin=state.admin,
        admin_since=state.admin_since,
        transfer=_transfer(state.transfer),
        holds=tuple(_hold(whose, hold) for whose, hold in state.on_hold),
        purchase_order_number=state.purchase_order_number,
        sku=line.sku,
        product=line.product,
        licence_kind=line.licence_kind,
        quantity=line.quantity,
        term=line.term,
        amount=line.amount,
        ordered_at=known(state.ordered_at),
        click_is_signature=line.activation.click_is_signature,
        charge_at=ChargeAt(line.charge_at),
        user_management=line.user_management,
        invitation_window=line.invitation_window,
        steps=_steps(state),
        activation_by=state.activation_by,
        document=_document(state.document, state.document_sha256),
        signed_document=_document(state.signed_document, state.signed_document_sha256),
        terms_documents=line.documents,
        term_number=state.term,
        term_start=state.term_start,
        term_end=state.term_end,
        stop_by=cutoff.stop_by if cutoff else state.stop_by,
        usable_until=_usable_until(state, cutoff),
        stop_needs_reason=state.stop_needs_reason,
        stop_requested_at=state.stop_requested_at,
        renewal_committed_at=state.renewal_committed_at,
        past_due_since=state.past_due_since,
        charge_waits_for=state.charge_waits_for,
        notice_missing_since=state.notice_missing_since,
        next_renewal_at=cutoff.term_end if cutoff and state.renews else None,
        renewal_amount=_renewal_amount(state),
        retention=line.retention,
        policy_hash=state.terms.policy_hash if state.terms else None,
        payment=payment(state.payment),
        seat_count=state.seat_count,
        fewer_seats=_fewer_seats(state),
        seats=tuple(_seat(seat) for seat in state.held),
        ended_at=state.ended_at,
        retained_until=state.retained_until,
        waiting_for=waiting_for(state),
        activated_at=state.anchor,
        void_cause=state.void_cause,
        void_by=state.void_by,
        recovery_over_at=state.recovery_over.due_at if state.recovery_over else None,
    )


def _steps(state: SubscriptionState) -> tuple[StepProgress, ...]:
    steps = known(state.line).activation.steps
    return tuple(StepProgress(step=cast(Any, step), done_at=state.steps_done.get(step)) for step in steps)


def _document(document: str | None, sha256: str | None) -> Document | None:
    return None if document is None else Document(id=document, sha256=known(sha256))


def _cutoff(state: SubscriptionState) -> Cutoff | None:
    """The cutoff of the term that a switch made now applies to, of the last one where nothing renews; None where no term runs."""
    if state.status is not SubscriptionStatus.ACTIVE:
        return None
    renews = known(state.line).renewal.automatic
    return cutoff_at(state, state.now if renews else known(state.term_start))


def _usable_until(state: SubscriptionState, cutoff: Cutoff | None) -> datetime | None:
    """Until when the subscription can be used where its renewal is stopped now, or was."""
    if cutoff is None or state.stop_requested_at is None:
        return cutoff.usable_until if cutoff else None
    return cutoff_at(state, state.stop_requested_at).usable_until


def _renewal_amount(state: SubscriptionState) -> Money | None:
    """What the next term costs by the notice on its way, or by what binds it (X15); None where nothing renews."""
    if not state.renews:
        return None
    return known(state.offered or state.announced or state.in_force or state.line).amount


def _fewer_seats(state: SubscriptionState) -> FewerSeats | None:
    leaving = state.leaving_at_renewal
    if not leaving:
        return None
    return FewerSeats(
        at=known(state.term_end),
        seat_count=known(state.next_seat_count),
        choose_by=state.choose_by,
        staying=tuple(seat.number for seat in state.held if seat.stays),
        leaving=tuple(seat.number for seat in leaving),
    )


def _seat(seat: Seat) -> SeatProjection:
    return SeatProjection(
        number=seat.number,
        state=SeatState(seat.state),
        party=seat.party,
        invitation=seat.offer,
        invited_at=seat.invited_at,
        open_until=seat.open_until,
        invitable_at=seat.invitable_at,
        assigned_at=seat.assigned_at,
        held_since=seat.agreed.at if seat.agreed else None,
    )


def _transfer(pending: Transfer | None) -> TransferProjection | None:
    if pending is None:
        return None
    return TransferProjection(
        number=pending.number,
        party=pending.party,
        asked_at=pending.asked_at,
        accept_by=pending.accept_by,
        agreed_at=pending.agreed.at if pending.agreed else None,
    )


def _hold(whose: Transfer | Seat, hold: Hold) -> PersonHold:
    seat = whose.number if isinstance(whose, Seat) else None
    names = whose.agreed.names if whose.agreed else None
    return PersonHold(**hold_facts(hold), party=known(whose.party), names=names, seat=seat)


def waiting_for(state: SubscriptionState) -> WaitingFor | None:
    """Whom or what the subscription waits for; None where it waits for nobody."""
    if state.parked:
        return WaitingFor.OPERATOR
    if state.agenda.find(Due.RECOVERY) is not None:
        return WaitingFor.BUYER_PAYMENT_METHOD
    if state.status is SubscriptionStatus.PENDING_ACTIVATION:
        done = state.steps_done
        missing = [step for step in known(state.line).activation.steps if step not in done]
        return WaitingFor(f"buyer_{missing[0]}") if missing else WaitingFor.PAYMENT
    if state.status is SubscriptionStatus.ACTIVE and state.charge_waits_for is not None:
        return WaitingFor.RENEWAL_NOTICE
    if state.status is SubscriptionStatus.ACTIVE:
        return WaitingFor.PAYMENT if state.past_due_since is not None else WaitingFor.TERM_END
    kept = state.status in (SubscriptionStatus.ENDED, SubscriptionStatus.DATA_RETAINED)
    return WaitingFor.RETENTION if kept else None
