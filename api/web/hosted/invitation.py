"""The invitation page of a signed link: open, accepted, or expired (T2, T3)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.web.hosted.links import Opened, seat_of
from api.web.hosted.page_models import Form, InvitationPage, Problem
from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.projections import SeatProjection, SeatState


def _seat(opened: Opened) -> SeatProjection | None:
    """The seat of this invitation; None once the seat was revoked, released or offered again."""
    number, invitation = seat_of(opened.link)
    held = next((seat for seat in opened.subscription.seats if seat.number == number), None)
    return held if held and held.invitation == invitation and held.state is not SeatState.FREE else None


def still_open(opened: Opened) -> bool:
    """Whether the set-up may be completed now. It only selects the page: the workflow decides by the receipt."""
    seat = _seat(opened)
    accept_by = _accept_by(opened, seat)
    return (
        accept_by is not None
        and seat is not None
        and seat.state is SeatState.INVITED
        and opened.now < accept_by
    )


def _accept_by(opened: Opened, seat: SeatProjection | None) -> datetime | None:
    """Until when the invitation is open; None once its seat went to somebody else, or is free."""
    if seat is None:
        return None
    if seat.open_until is not None:
        return seat.open_until
    window = Duration.parse(opened.subscription.invitation_window)
    return closes_at(opened.now, window, Calendar(opened.policy.store.zone))


def invitation_page(
    opened: Opened, nonce: str, problems: tuple[Problem, ...] = (), *, expired: bool = False
) -> InvitationPage:
    """The page for the present seat; `expired` after the workflow refused the set-up."""
    seat = _seat(opened)
    state: Literal["open", "accepted", "expired"] = "expired"
    if not expired and seat is not None and seat.state is SeatState.ASSIGNED:
        state = "accepted"
    elif not expired and still_open(opened):
        state = "open"
    return InvitationPage(
        language=opened.language,
        store=opened.store,
        state=state,
        product=opened.subscription.product,
        order_number=opened.subscription.number,
        accept_by=_accept_by(opened, seat),
        form=Form(f"/h/invitation/{opened.token}", {"nonce": nonce}),
        name=opened.reader.name if opened.reader and state == "open" else "",
        problems=problems,
    )
