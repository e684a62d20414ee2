"""Kills worker and Temporal after PostgreSQL recorded a signature and before the workflow's history holds it.

PostgreSQL may already have answered the caller, so the workflow must receive the receipt again.
"""

from __future__ import annotations

import asyncio

import psycopg

from jalon.rehearsal.faults.gathering import opened
from jalon.rehearsal.faults.journey import Journey, prepared
from jalon.rehearsal.faults.observations import Expected
from jalon.rehearsal.faults.rig import Rig
from jalon.rehearsal.faults.storefront import Storefront

HELD_SECONDS = 1.5
RECORDED_WITHIN = 1.5
_HOLD = "select id from entity where id = any(%s) order by id for update"


async def unconfirmed_answers(rig: Rig, shop: Storefront, orders: int) -> list[Expected]:
    """Holds the rows back until Temporal is killed, lets the worker record, and kills the worker before it can answer Temporal."""
    journeys = [Journey(shop, rig.store, number, "half activated", "signed") for number in range(orders)]
    await prepared(journeys)
    holder = await asyncio.to_thread(_hold, rig, [journey.subscription for journey in journeys])
    signing = [
        asyncio.create_task(journey.shop.send("sign", journey.signing(), entity=journey.subscription))
        for journey in journeys
    ]
    await asyncio.sleep(HELD_SECONDS)
    await rig.kill("temporal", revive=False)
    await asyncio.to_thread(holder.close)
    await asyncio.sleep(RECORDED_WITHIN)
    await rig.kill("worker", revive=False)
    await asyncio.gather(*signing)
    rig.note_blow()
    for journey in journeys:
        journey.moves_done += 1
    await asyncio.gather(rig.start("temporal", "worker"), *(journey.go_on(0) for journey in journeys))
    return [journey.expected() for journey in journeys]


def _hold(rig: Rig, entities: list[str]) -> psycopg.Connection[dict[str, object]]:
    connection = opened(rig.addresses)
    connection.execute("begin")
    connection.execute(_HOLD, (entities,))
    return connection
