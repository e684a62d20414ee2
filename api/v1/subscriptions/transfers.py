"""The transfer of a subscription's administration: named, accepted, or called off (H12, P11, X11)."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Shopper, TheResources
from api.http.json_bodies import StrictRoute
from api.http.unknown import refuse_body
from api.http.writing import Idempotent, TheSubmitter
from api.v1.orders.carts import language_in
from api.v1.responses import WRITE
from api.v1.subscriptions.answers import Subscription
from api.v1.subscriptions.bodies import TransferAdmin, TransferNumber
from api.v1.subscriptions.sending import composed, sent
from api.v1.targets import known_subscription
from jalon.domain.projections import SeatProjection, SeatState, SubscriptionProjection
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.subscription import commands

routes = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=StrictRoute)


def _users(subscription: SubscriptionProjection) -> list[SeatProjection]:
    return [seat for seat in subscription.seats if seat.state is SeatState.ASSIGNED]


@routes.post("/{subscription_id}/transfer-admin", responses=WRITE, response_model=Subscription)
async def transfer_admin(
    subscription_id: str,
    body: TransferAdmin,
    caller: Shopper,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Subscription | JSONResponse:
    """Transfers the administration: to a listed user at once, to a new person once they accept, within 14 days (H12, P11, X11).

    A listed user is named by seat, or by the address that they have. Where the order was screened, the new admin is before the switch: a
    match holds it until two reviewers release it, and `transferred` is false meanwhile (X19).
    """

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        users, store = _users(known_subscription(target_state)), target_state.store or ""
        if body.seat is not None:
            named = [seat.party or "" for seat in users if seat.number == body.seat]
            return commands.TransferAdmin(named[0] if named else "", body.seat)
        party = await resources.parties.meet(
            tx,
            store,
            email=body.email or "",
            name=body.name or "",
            language=language_in(resources.policies[store], body.language),
        )
        held = [seat.number for seat in users if seat.party == party]
        return commands.TransferAdmin(party, held[0] if held else None)

    return await composed(caller, idempotent, submitter, subscription_id, compose)


@routes.post(
    "/{subscription_id}/transfer-admin/{transfer}/accept",
    responses=WRITE,
    response_model=Subscription,
    dependencies=[Depends(refuse_body)],
)
async def accept_transfer(
    subscription_id: str,
    transfer: TransferNumber,
    caller: Shopper,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Subscription | JSONResponse:
    """Accepts a pending transfer for the person who was asked: the shop vouches that it is them (X11, H14)."""
    return await sent(caller, idempotent, submitter, subscription_id, commands.AcceptTransfer(transfer))


@routes.post(
    "/{subscription_id}/transfer-admin/{transfer}/call-off",
    responses=WRITE,
    response_model=Subscription,
    dependencies=[Depends(refuse_body)],
)
async def call_off_transfer(
    subscription_id: str,
    transfer: TransferNumber,
    caller: Shopper,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Subscription | JSONResponse:
    """Calls a pending transfer off: the admin stays, and the link of the person who was asked does nothing any more (X11)."""
    return await sent(caller, idempotent, submitter, subscription_id, commands.CallOffTransfer(transfer))
