"""Orders: open, read, change, certify, place, cancel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.fields import EmailAddress, Instant
from api.http.dependencies import Canceller, Reader, Shopper, TheResources
from api.http.errors import refusal
from api.http.json_bodies import StrictRoute
from api.http.writing import Idempotent, TheSubmitter, existing
from api.v1.lists import AfterId, Limit, StoreQuery, page, read_one
from api.v1.live import Live, read_live
from api.v1.orders.answers import Order, OrderPage, order_answer
from api.v1.orders.bodies import AnswerCertificate, CancelOrder, ChangeOrder, OpenOrder, PlaceOrder
from api.v1.orders.carts import cart_changes, new_cart, new_number, placement
from api.v1.responses import LIST_IN_STORE, READ, WRITE
from api.v1.targets import known_order
from api.v1.writes import written
from jalon.domain.compliance.certificates import validate
from jalon.domain.kinds import ORDER
from jalon.domain.statuses import OrderFact, OrderStatus
from jalon.inbox.writes import Target
from jalon.persistence.entities.entities import Filters
from jalon.persistence.ids import new_id
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.order import commands

routes = APIRouter(prefix="/v1/orders", tags=["orders"], route_class=StrictRoute)


@routes.post("", status_code=HTTPStatus.CREATED, responses=WRITE, response_model=Order)
async def open_order(
    body: OpenOrder, caller: Shopper, resources: TheResources, idempotent: Idempotent, submitter: TheSubmitter
) -> Order | JSONResponse:
    """Opens a cart for a buyer. A cart that the store's policy refuses is answered with every violation at once."""
    policy = resources.policies[caller.seeing(body.store)[0]]

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        cart = await new_cart(tx, resources, policy, body)
        at = target_state.clock.now if target_state.clock else datetime.now(UTC)
        number = await new_number(tx, policy, at)
        return commands.OpenCart(number, cart)

    target = Target(ORDER.name, new_id(ORDER), body.store, new=True)
    return written(await submitter.submit(caller, idempotent, target, compose), caller, order_answer)


@routes.get("", responses=LIST_IN_STORE)
async def list_orders(
    caller: Reader,
    resources: TheResources,
    store: StoreQuery = None,
    status: Annotated[OrderStatus | None, Query()] = None,
    fact: Annotated[OrderFact | None, Query(description="Only orders of which this holds.")] = None,
    buyer_email: Annotated[EmailAddress | None, Query()] = None,
    placed_after: Annotated[Instant | None, Query()] = None,
    placed_before: Annotated[Instant | None, Query()] = None,
    limit: Limit = 20,
    after: AfterId = None,
) -> OrderPage:
    """Orders, newest first."""
    filters = Filters(
        ORDER.name,
        caller.seeing(store),
        limit,
        after=after,
        status=status,
        fact=fact,
        placed_after=placed_after,
        placed_before=placed_before,
    )
    data, following = await page(resources, caller, filters, buyer_email, order_answer)
    return OrderPage(data=data, has_more=following is not None, next=following)


@routes.get("/{order_id}", responses=READ)
async def read_order(order_id: str, caller: Reader, resources: TheResources, live: Live = False) -> Order:
    """One order with its present status. With `live` the workflow itself is asked, also after its end while the engine keeps it."""
    if live:
        shown, compared = await read_live(resources, caller, ORDER, order_id, order_answer)
        return replace(shown, live=compared)
    return await read_one(resources, caller, ORDER, order_id, order_answer)


@routes.patch("/{order_id}", responses=WRITE, response_model=Order)
async def change_order(
    order_id: str,
    body: ChangeOrder,
    caller: Shopper,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Order | JSONResponse:
    """Changes a cart before it is placed."""

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        policy = resources.policies[target_state.store or ""]
        return await cart_changes(tx, resources, policy, known_order(target_state), body)

    return written(
        await submitter.submit(caller, idempotent, existing(ORDER, order_id), compose), caller, order_answer
    )


@routes.post("/{order_id}/end-use-certificate", responses=WRITE, response_model=Order)
async def answer_certificate(
    order_id: str,
    body: AnswerCertificate,
    caller: Shopper,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Order | JSONResponse:
    """Answers the end-use questionnaire (T5, T6). The answers are stored under the buyer's key, never in an order."""
    violations = validate(body.answers)
    if violations:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, violations)

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        buyer = known_order(target_state).buyer or ""
        record = await resources.parties.keep(
            tx, target_state.store or "", buyer, "certificate", body.answers
        )
        return commands.AnswerCertificate(record)

    return written(
        await submitter.submit(caller, idempotent, existing(ORDER, order_id), compose), caller, order_answer
    )


@routes.post("/{order_id}/place", responses=WRITE, response_model=Order)
async def place_order(
    order_id: str,
    body: PlaceOrder,
    caller: Shopper,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Order | JSONResponse:
    """Places the order on the terms now in force, or refuses it with every violation at once (G6, H19, T4)."""

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        buyer = known_order(target_state).buyer or ""
        placed = await placement(tx, resources, target_state.store or "", buyer, body)
        return commands.Place(placed)

    return written(
        await submitter.submit(caller, idempotent, existing(ORDER, order_id), compose), caller, order_answer
    )


@routes.post("/{order_id}/cancel", responses=WRITE, response_model=Order)
async def cancel_order(
    order_id: str, body: CancelOrder, caller: Canceller, idempotent: Idempotent, submitter: TheSubmitter
) -> Order | JSONResponse:
    """Cancels the order, as long as no line of it is active."""

    async def compose(_: AsyncConnection, __: TargetState) -> Command:
        return commands.Cancel(body.reason)

    return written(
        await submitter.submit(caller, idempotent, existing(ORDER, order_id), compose), caller, order_answer
    )
