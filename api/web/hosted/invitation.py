"""The invitation page of a signed link: open, accepted, or expired (T2, T3)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.web.hosted.links import Opened, seat_of
from api.web.hosted.page_models import Form, InvitationPage
from jalon.domain.projections import SeatProjection, SeatState
from jalon.domain.statuses import SubscriptionStatus

State = Literal["open", "accepted", "expired", "gone", "ended"]


def _seat(opened: Opened) -> SeatProjection | None:
    """The seat of this invitation; None once the seat was revoked, released or offered again."""
    number, invitation = seat_of(opened.link)
    held = next((seat for seat in opened.subscription.seats if seat.number == number), None)
    return held if held and held.invitation == invitation and held.state is not SeatState.FREE else None


def still_open(opened: Opened) -> bool:
    """Whether the set-up may be completed now. It only selects the page: the workflow decides by the receipt."""
    seat = _seat(opened)
    if seat is None or seat.state is not SeatState.INVITED:
        return False
    return seat.open_until is None or opened.now < seat.open_until


def _accept_by(opened: Opened, seat: SeatProjection | None) -> datetime | None:
    """Until when the invitation is or was open; None while its e-mail is on its way, and where it did not run out (T3)."""
    return seat.open_until if seat is not None else opened.ran_out_at


def _state(opened: Opened, seat: SeatProjection | None, *, expired: bool) -> State:
    if opened.subscription.status is not SubscriptionStatus.ACTIVE:
        return "ended"
    if not expired and seat is not None and seat.state is SeatState.ASSIGNED:
        return "accepted"
    if not expired and still_open(opened):
        return "open"
    return "expired" if _accept_by(opened, seat) is not None else "gone"


def invitation_page(opened: Opened, nonce: str, *, expired: bool = False) -> InvitationPage:
    """The page for the present seat; `expired` after the workflow refused the set-up."""
    seat = _seat(opened)
    state = _state(opened, seat, expired=expired)
    return InvitationPage(
        language=opened.language,
        store=opened.store,
        state=state,
        product=opened.subscription.product,
        order_number=opened.subscription.number,
        accept_by=_accept_by(opened, seat),
        form=Form(f"/h/invitation/{opened.token}", {"nonce": nonce}),
        name=opened.reader.name if opened.reader and state == "open" else "",
        owner=opened.owner.name if opened.owner else "",
        owner_email=opened.owner.email if opened.owner else "",
        portal_url=f"/portal/{opened.link.store}/{opened.country}",
    )
