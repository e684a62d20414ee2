"""40 callers send the same request at once while the API is killed: one order, one charge, the same answer for all."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from jalon.domain.error_codes import ErrorCode
from jalon.rehearsal.faults.journey import PLACEMENT, Journey
from jalon.rehearsal.faults.observations import Expected
from jalon.rehearsal.faults.rig import Rig
from jalon.rehearsal.faults.storefront import RefusedByShop, Storefront

CALLERS = 40
MOVES = ("open", "place", "activate", "sign")
STRUCK_AFTER_SECONDS = 0.05


class DifferentAnswers(Exception):
    """Callers with one key ended with different orders."""


class OtherBodyTaken(Exception):
    """The same key was taken with another body."""


async def identical_posts(rig: Rig, shop: Storefront, orders: int) -> list[Expected]:
    """One order after the other, the API killed under another of its moves each time. Raises DifferentAnswers, OtherBodyTaken."""
    expected = []
    for number in range(orders):
        journey = Journey(shop, rig.store, number, "40 callers", "signed")
        await _crowded(rig, journey, MOVES[number % len(MOVES)])
        expected.append(journey.expected())
    return expected


async def _crowded(rig: Rig, journey: Journey, struck: str) -> None:
    async def together(move: str, path: str, body: Mapping[str, Any], entity: str = "") -> str:
        strike = _strike(rig) if move == struck else asyncio.sleep(0)
        found, _ = await asyncio.gather(_together(journey.shop, move, path, body, entity), strike)
        return found

    journey.order = await together("open", "/v1/orders", journey.cart())
    await together("place", f"/v1/orders/{journey.order}/place", PLACEMENT, journey.order)
    await journey.hear()
    path = f"/v1/subscriptions/{journey.subscription}"
    await together("activate", f"{path}/activate", {}, journey.subscription)
    await together("sign", *journey.signing(), journey.subscription)
    await journey.complete()


async def _strike(rig: Rig) -> None:
    await asyncio.sleep(STRUCK_AFTER_SECONDS)
    await rig.kill("api")
    await rig.ready("api")


async def _together(shop: Storefront, move: str, path: str, body: Mapping[str, Any], entity: str) -> str:
    """The id that every caller was given."""
    key = str(uuid.uuid4())
    callers = (shop.write(move, path, body, entity=entity, key=key) for _ in range(CALLERS))
    answers = await asyncio.gather(*callers)
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
            and refusal.body["code"] == ErrorCode.IDEMPOTENCY_KEY_REUSED
        ):
            return
        raise
    raise OtherBodyTaken(path)
