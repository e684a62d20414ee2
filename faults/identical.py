"""40 callers send the same request at once while the API is killed: one order, one charge, the same answer for all."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from faults.evidence import Expected
from faults.journey import PLACEMENT, Journey
from faults.rig import Rig
from faults.storefront import RefusedByShop, Storefront

CALLERS = 40
STRUCK_AFTER_SECONDS = 0.05


class DifferentAnswers(Exception):
    """Callers with one key ended with different orders."""


class OtherBodyTaken(Exception):
    """The same key was taken with another body."""


async def identical_posts(rig: Rig, shop: Storefront, orders: int) -> list[Expected]:
    """One order after the other, the API killed under each of its moves. Raises DifferentAnswers, OtherBodyTaken."""
    expected = []
    for number in range(orders):
        journey = Journey(shop, rig.store, number, "40 callers", "signed")
        await _crowded(rig, journey)
        expected.append(journey.expected())
    return expected


async def _crowded(rig: Rig, journey: Journey) -> None:
    shop = journey.shop
    journey.order = await _together(rig, shop, "open", "/v1/orders", journey.cart())
    path = f"/v1/orders/{journey.order}/place"
    await _together(rig, shop, "place", path, PLACEMENT, journey.order)
    await journey.hear()
    path = f"/v1/subscriptions/{journey.subscription}"
    await _together(rig, shop, "activate", f"{path}/activate", {}, journey.subscription)
    await _together(rig, shop, "sign", *journey.signing(), journey.subscription)
    await journey.complete()


async def _together(
    rig: Rig, shop: Storefront, move: str, path: str, body: Mapping[str, Any], entity: str = ""
) -> str:
    """The id that every caller was given."""
    key = str(uuid.uuid4())

    async def strike() -> None:
        await asyncio.sleep(STRUCK_AFTER_SECONDS)
        await rig.kill("api")
        await rig.ready("api")

    callers = (shop.write(move, path, body, entity=entity, key=key) for _ in range(CALLERS))
    *answers, _ = await asyncio.gather(*callers, strike())
    ids = {str(answer["id"]) for answer in answers if answer}
    if len(ids) != 1:
        raise DifferentAnswers(f"{move}: {len(ids)} answers for one key")
    await _refused_with_another_body(shop, path, body, key)
    return ids.pop()


async def _refused_with_another_body(shop: Storefront, path: str, body: Mapping[str, Any], key: str) -> None:
    other = (
        dict(body) | {"country": "BE"}
        if "country" in body
        else {"signer": {"name": "Else", "authorised": True}}
    )
    if path.endswith("/place"):
        other = dict(body) | {"purchase_order_number": "PO-2"}
    try:
        await shop.post("other", path, other, key=key)
    except RefusedByShop as refusal:
        if (
            refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY
            and refusal.body["code"] == "idempotency_key_reused"
        ):
            return
        raise
    raise OtherBodyTaken(path)
