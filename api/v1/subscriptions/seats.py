"""The seats of a subscription: read, assign, invite again, give to another person, and revoke."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Canceller, Reader, Shopper, TheResources
from api.http.json_bodies import StrictRoute
from api.http.resources import ApiResources
from api.http.unknown import refuse_body
from api.http.writing import Idempotent, TheSubmitter
from api.v1.lists import Limit, seen
from api.v1.orders.carts import language_in
from api.v1.responses import READ, WRITE
from api.v1.subscriptions.answers import SeatPage, Subscription, numbers_from, seats_of
from api.v1.subscriptions.bodies import AssignSeat, KeepSeats, ReassignSeat, SeatNumber
from api.v1.subscriptions.sending import composed, sent, why
from jalon.domain.kinds import SUBSCRIPTION
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.subscription import commands

routes = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=StrictRoute)


@routes.get("/{subscription_id}/seats", responses=READ)
async def list_seats(
    subscription_id: str,
    caller: Reader,
    resources: TheResources,
    limit: Limit = 20,
    after: Annotated[SeatNumber | None, Query(description="The `next` of the page before.")] = None,
) -> SeatPage:
    """The seats of a subscription by number, free ones among them, and who has each (P1)."""
    async with resources.sessions.of(*caller.stores) as tx:
        subscription = subscription_of((await seen(tx, SUBSCRIPTION, subscription_id)).view)
        first = (after or 0) + 1
        shown = numbers_from(subscription, first, limit)
        held = [seat.party for seat in subscription.seats if seat.number in shown]
        people = await resources.parties.read(tx, *filter(None, held))
    data = seats_of(subscription, people, first, limit)
    more = bool(shown) and shown[-1] < subscription.seat_numbers[-1]
    return SeatPage(data=list(data), has_more=more, next=str(shown[-1]) if more else None)


@routes.post("/{subscription_id}/seats", responses=WRITE, response_model=Subscription)
async def assign_seat(
    subscription_id: str,
    body: AssignSeat,
    caller: Shopper,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Subscription | JSONResponse:
    """Assigns a seat to a person: at once if they have an identity, else by an invitation of `seats.invitation_window` (T1, T2, X7).

    Where the order was screened, the person is first. A match, or a screening that waits for an operator, answers `"state": "held"` and
    reserves the seat until two reviewers release it (X19).
    """

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        return commands.AssignSeat(await _met(tx, resources, target_state, body), body.seat)

    return await composed(caller, idempotent, submitter, subscription_id, compose)


async def _met(
    tx: AsyncConnection, resources: ApiResources, target_state: TargetState, body: AssignSeat | ReassignSeat
) -> str:
    """The person with the body's address in the store of the subscription."""
    store = target_state.store or ""
    language = language_in(resources.policies[store], body.language)
    return await resources.parties.meet(tx, store, email=body.email, name=body.name, language=language)


@routes.post(
    "/{subscription_id}/seats/{seat}/reinvite",
    responses=WRITE,
    response_model=Subscription,
    dependencies=[Depends(refuse_body)],
)
async def reinvite_seat(
    subscription_id: str, seat: SeatNumber, caller: Shopper, idempotent: Idempotent, submitter: TheSubmitter
) -> Subscription | JSONResponse:
    """Sends an open invitation again, with a new link and new hours; the former link stays dead (T2, T3)."""
    return await sent(caller, idempotent, submitter, subscription_id, commands.ReinviteSeat(seat))


@routes.post("/{subscription_id}/seats/{seat}/reassign", responses=WRITE, response_model=Subscription)
async def reassign_seat(
    subscription_id: str,
    seat: SeatNumber,
    body: ReassignSeat,
    caller: Canceller,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Subscription | JSONResponse:
    """Gives a seat to another person in one step: the access of whoever has it ends at once (T1, H22).

    The other person is screened as at an assignment, so that the seat may be `held` for them (X19).
    """

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        return commands.ReassignSeat(await _met(tx, resources, target_state, body), seat, reason)

    reason = why(caller, body.reason)
    return await composed(caller, idempotent, submitter, subscription_id, compose)


@routes.post(
    "/{subscription_id}/seats/{seat}/revoke",
    responses=WRITE,
    response_model=Subscription,
    dependencies=[Depends(refuse_body)],
)
async def revoke_seat(
    subscription_id: str, seat: SeatNumber, caller: Shopper, idempotent: Idempotent, submitter: TheSubmitter
) -> Subscription | JSONResponse:
    """Revokes a seat; access ends at once (H22)."""
    return await sent(caller, idempotent, submitter, subscription_id, commands.RevokeSeat(seat))


@routes.post("/{subscription_id}/keep-seats", responses=WRITE, response_model=Subscription)
async def keep_seats(
    subscription_id: str, body: KeepSeats, caller: Shopper, idempotent: Idempotent, submitter: TheSubmitter
) -> Subscription | JSONResponse:
    """Names the seats that stay at a renewal with fewer, until `fewer_seats.choose_by`, in place of those named before (X25).

    What is left of the next term's seats goes to those who were assigned theirs first; none named leaves it at that.
    """
    return await sent(caller, idempotent, submitter, subscription_id, commands.KeepSeats(tuple(body.seats)))
