"""Sends the same request from 40 callers at once while the API is killed: one order, one charge, one answer for all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from jalon.client.calls import Call
from jalon.client.errors import ApiError
from jalon.domain.error_codes import ErrorCode
from jalon.rehearsal.faults.journey import Journey
from jalon.rehearsal.faults.observations import Expected
from jalon.rehearsal.faults.rig import Rig
from jalon.rehearsal.faults.storefront import Storefront

CALLERS = 40
MOVES = ("open", "place", "activate", "sign")
STRUCK_AFTER_SECONDS = 0.05


class DifferentAnswers(Exception):
    """Callers with one key got different orders."""


class OtherBodyTaken(Exception):
    """The same key was accepted with another body."""


async def identical_posts(rig: Rig, shop: Storefront, orders: int) -> list[Expected]:
    """One order after the other; the API is killed at another move each time. Raises DifferentAnswers, OtherBodyTaken."""
    expected = []
    for number in range(orders):
        journey = Journey(shop, rig.store, number, "40 callers", "signed")
        await _crowded(rig, journey, MOVES[number % len(MOVES)])
        expected.append(journey.expected())
    return expected


async def _crowded(rig: Rig, journey: Journey, struck: str) -> None:
    async def together(move: str, call: Call[Any], entity: str = "") -> str:
        strike = _strike(rig) if move == struck else asyncio.sleep(0)
        found, _ = await asyncio.gather(_together(journey.shop, move, call, entity), strike)
        return found

    journey.order = await together("open", journey.opening())
    await together("place", journey.placing(), journey.order)
    await journey.hear()
    await together("activate", journey.activating(), journey.subscription)
    await together("sign", journey.signing(), journey.subscription)
    await journey.complete()


async def _strike(rig: Rig) -> None:
    await asyncio.sleep(STRUCK_AFTER_SECONDS)
    await rig.kill("api")
    await rig.ready("api")


async def _together(shop: Storefront, move: str, call: Call[Any], entity: str) -> str:
    """The id that every caller got."""
    call = call.keyed()
    callers = (shop.write(move, call, entity=entity) for _ in range(CALLERS))
    answers = await asyncio.gather(*callers)
    ids = {str(answer["id"]) for answer in answers if answer}
    if len(ids) != 1:
        raise DifferentAnswers(f"{move}: {len(ids)} answers for one key")
    await _refused_with_another_body(shop, call)
    return ids.pop()


async def _refused_with_another_body(shop: Storefront, call: Call[Any]) -> None:
    body = dict(call.body or {})
    changed = {"country": "BE"} if "country" in body else {"signer": {"name": "Else", "authorised": True}}
    other: dict[str, Any] = body | changed
    if call.path.endswith("/place"):
        other = body | {"purchase_order_number": "PO-2"}
    try:
        await shop.send("other", replace(call, body=other))
    except ApiError as refusal:
        if (
            refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY
            and refusal.code == ErrorCode.IDEMPOTENCY_KEY_REUSED
        ):
            return
        raise
    raise OtherBodyTaken(call.path)
