"""Orders: open, read, change, certify, place, cancel."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection

from api.carts import cart_changes, known_view, new_cart, new_number, placement
from api.dependencies import Canceller, Reader, Shopper, TheDoor
from api.errors import refusal
from api.intake import Command, Target
from api.lists import AfterId, Limit, StoreQuery, page, read_one
from api.schemas.answers import ONE_ORDER, ORDER_CREATED, ORDERS
from api.schemas.base import EmailAddress, Instant
from api.schemas.orders import AnswerCertificate, CancelOrder, ChangeOrder, OpenOrder, PlaceOrder
from api.writing import Post, TheIntake, answer, existing
from domain.certificates import validate
from persistence.ids import new_id
from persistence.intake import Outlook
from persistence.reading.entities import Filters

routes = APIRouter(prefix="/v1/orders", tags=["orders"])


@routes.post("", status_code=HTTPStatus.CREATED, responses=ORDER_CREATED, response_model=None)
async def open_order(
    body: OpenOrder, caller: Shopper, door: TheDoor, post: Post, intake: TheIntake
) -> Response:
    """Opens a cart for a buyer; everything the store's policy has against it is told at once."""
    policy = door.policies[caller.seeing(body.store)[0]]

    async def compose(tx: AsyncConnection, outlook: Outlook) -> Command:
        cart = await new_cart(tx, door, policy, body)
        at = outlook.clock.now if outlook.clock else datetime.now(UTC)
        number = await new_number(tx, policy, at)
        return Command("open_cart", {"number": number, "cart": to_jsonable_python(cart)})

    target = Target("order", new_id("order"), body.store, new=True)
    return answer(await intake.submit(caller, post, target, compose), caller, HTTPStatus.CREATED)


@routes.get("", responses=ORDERS, response_model=None)
async def list_orders(
    caller: Reader,
    door: TheDoor,
    store: StoreQuery = None,
    status: Annotated[str | None, Query(max_length=40)] = None,
    buyer_email: Annotated[EmailAddress | None, Query()] = None,
    placed_after: Annotated[Instant | None, Query()] = None,
    placed_before: Annotated[Instant | None, Query()] = None,
    limit: Limit = 20,
    after: AfterId = None,
) -> Response:
    """Orders, the youngest first."""
    filters = Filters(
        "order",
        caller.seeing(store),
        limit,
        after=after,
        status=status,
        placed_after=placed_after,
        placed_before=placed_before,
    )
    return await page(door, caller, filters, buyer_email)


@routes.get("/{order_id}", responses=ONE_ORDER, response_model=None)
async def read_order(order_id: str, caller: Reader, door: TheDoor) -> Response:
    """One order as it stands."""
    return JSONResponse(await read_one(door, caller, "order", order_id))


@routes.patch("/{order_id}", responses=ONE_ORDER, response_model=None)
async def change_order(
    order_id: str, body: ChangeOrder, caller: Shopper, door: TheDoor, post: Post, intake: TheIntake
) -> Response:
    """Changes a cart before it is placed."""

    async def compose(tx: AsyncConnection, outlook: Outlook) -> Command:
        policy = door.policies[outlook.store or ""]
        changes = await cart_changes(tx, door, policy, known_view(outlook, "order"), body)
        return Command("edit_cart", to_jsonable_python(changes))

    return answer(await intake.submit(caller, post, existing("order", order_id), compose), caller)


@routes.post("/{order_id}/end-use-certificate", responses=ONE_ORDER, response_model=None)
async def answer_certificate(
    order_id: str, body: AnswerCertificate, caller: Shopper, door: TheDoor, post: Post, intake: TheIntake
) -> Response:
    """Answers the end-use questionnaire (T5, T6). The answers are kept under the buyer's key, never in an order."""
    violations = validate(body.answers)
    if violations:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, violations)

    async def compose(tx: AsyncConnection, outlook: Outlook) -> Command:
        buyer = known_view(outlook, "order")["buyer"]
        record = await door.parties.keep(tx, outlook.store or "", buyer, "certificate", body.answers)
        return Command("answer_certificate", {"record": record})

    return answer(await intake.submit(caller, post, existing("order", order_id), compose), caller)


@routes.post("/{order_id}/place", responses=ONE_ORDER, response_model=None)
async def place_order(
    order_id: str, body: PlaceOrder, caller: Shopper, door: TheDoor, post: Post, intake: TheIntake
) -> Response:
    """Confirms the cart: every violation at once, or the order on the terms now in force (G6, H19, T4)."""

    async def compose(tx: AsyncConnection, outlook: Outlook) -> Command:
        buyer = known_view(outlook, "order")["buyer"]
        placed = await placement(tx, door, outlook.store or "", buyer, body)
        return Command("place", {"placement": to_jsonable_python(placed)})

    return answer(await intake.submit(caller, post, existing("order", order_id), compose), caller)


@routes.post("/{order_id}/cancel", responses=ONE_ORDER, response_model=None)
async def cancel_order(
    order_id: str, body: CancelOrder, caller: Canceller, post: Post, intake: TheIntake
) -> Response:
    """Calls the order off, as long as no line of it is active."""

    async def compose(_: AsyncConnection, __: Outlook) -> Command:
        return Command("cancel", {"reason": body.reason})

    return answer(await intake.submit(caller, post, existing("order", order_id), compose), caller)
