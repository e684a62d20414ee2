"""Kills every process at once with -9, the supervisor included; then starts a new machine in the same folder."""

from __future__ import annotations

import asyncio

from jalon.rehearsal.faults.journey import deal, prepared
from jalon.rehearsal.faults.observations import Expected
from jalon.rehearsal.faults.rig import Apart, Rig
from jalon.rehearsal.faults.storefront import Storefront

BEGUN_WITHIN_SECONDS = 8.0
STRUCK_AFTER_SECONDS = 3.0


async def everything(rig: Rig, shop: Storefront, orders: int) -> list[Expected]:
    """Runs the first machine as `jalon up` in a process of its own, the second as the rig's machine."""
    first = Apart(rig.machine.data_dir)
    try:
        await first.served()
        shop.move_to(first.api, first.key)
        journeys = deal(shop, rig.store, orders)
        await prepared(journeys)
        going = [asyncio.create_task(journey.go_on(BEGUN_WITHIN_SECONDS)) for journey in journeys]
        await asyncio.sleep(STRUCK_AFTER_SECONDS)
        rig.note_blow()
        first.kill_everything()
    finally:
        first.close()
    await asyncio.to_thread(rig.machine.__enter__)
    rig.note_healed()
    await asyncio.gather(*going)
    return [journey.expected() for journey in journeys]
