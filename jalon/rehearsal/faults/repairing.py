"""Nights with many stopped orders: nine tenths heal with one repair, the others stand again, and a second repair heals them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from jalon.client.repairs import Action
from jalon.rehearsal.faults.journey import PREPARED_AT_ONCE, Journey
from jalon.rehearsal.faults.night import Night, expect
from jalon.rehearsal.faults.observations import Expected
from jalon.rehearsal.faults.rig import Rig
from jalon.rehearsal.faults.storefront import Storefront

STUBBORN_OF = 10
"""One order in so many does not heal with the first repair."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """How a night goes: what breaks before the orders, what is mended for all but the stubborn, and then for them.

    `steps` are those of one order that stop.
    """

    action: Action
    steps: int
    breaks: Callable[[Rig], Awaitable[None]]
    mends: Callable[[Rig, Sequence[Journey]], Awaitable[None]]
    mends_all: Callable[[Rig], Awaitable[None]]


def night_of(trouble: Trouble) -> Callable[[Rig, Storefront, int], Awaitable[list[Expected]]]:
    """The play of a night."""

    async def play(rig: Rig, shop: Storefront, orders: int) -> list[Expected]:
        journeys = [Journey(shop, rig.store, number, "prepaid cart", "prepaid") for number in range(orders)]
        async with Night(rig.machine.urls["api"], rig.machine.keys["admin"]) as night:
            await trouble.breaks(rig)
            rig.note_trouble()
            await _placed(journeys)
            stubborn = journeys[STUBBORN_OF - 1 :: STUBBORN_OF]
            cause = await night.until_stuck(trouble.steps * orders)
            await trouble.mends(rig, stubborn)
            began = time.monotonic()
            await _first(rig, night, trouble, cause["fingerprint"], journeys, stubborn)
            rig.say(f"the first repair took {time.monotonic() - began:.0f} s")
            await trouble.mends_all(rig)
            left = await night.until_stuck(trouble.steps * len(stubborn))
            _, second = await night.repair("the rest of the night", trouble.action, left["fingerprint"])
            expect("healed of the rest", second["counts"]["healed"], trouble.steps * len(stubborn))
        rig.note_healed()
        await asyncio.gather(*(journey.complete() for journey in journeys))
        return [journey.expected() for journey in journeys]

    return play


async def _first(
    rig: Rig,
    night: Night,
    trouble: Trouble,
    cause: str,
    journeys: Sequence[Journey],
    stubborn: Sequence[Journey],
) -> None:
    plan, repair = await night.repair("a night in ops", trouble.action, cause)
    counts, steps = repair["counts"], trouble.steps
    # A workflow task is tried again by Temporal too: what went on before the plan was started is none of the repair's.
    gone = steps * len(journeys) - plan["count"] if trouble.action == "reset" else 0
    rig.say(
        f"planned {plan['count']}, {counts['healed']} healed, {counts['parked_again']} parked again, {gone} had gone on by themselves"
    )
    expect("planned", plan["count"] + gone, steps * len(journeys))
    expect("healed", counts["healed"] + gone, steps * (len(journeys) - len(stubborn)))
    expect("parked again", counts["parked_again"], steps * len(stubborn))
    others = (counts["parked_other"], counts["refused"] - plan["refused_count"], counts["pending"])
    expect("other outcomes", others, (0, 0, 0))
    again = {order_of(each) for each in await night.outcomes(repair["id"], "parked_again")}
    expect("who parked again", again, {order_of(journey.order) for journey in stubborn})


def order_of(entity: str) -> str:
    """What the ids of an order and of its subscriptions share."""
    return entity.removeprefix("ord_").removeprefix("sub_")[:26]


async def _placed(journeys: Sequence[Journey]) -> None:
    slots = asyncio.Semaphore(PREPARED_AT_ONCE)

    async def place(journey: Journey) -> None:
        async with slots:
            await journey.open()
            await journey.place()

    await asyncio.gather(*(place(journey) for journey in journeys))


# -- the payment provider suspends the merchant ---------------------------------------------------------------------

SUSPENDED = {"kind": "refuse_400", "operation": "charge", "code": "merchant_suspended", "count": 1_000_000}


async def _suspend(rig: Rig) -> None:
    await rig.ask_gateway(**SUSPENDED)


async def _serve_but(rig: Rig, stubborn: Sequence[Journey]) -> None:
    await rig.mend_gateway()
    for journey in stubborn:
        await rig.ask_gateway(**SUSPENDED, match={"entity": journey.order})


async def _serve_all(rig: Rig) -> None:
    await rig.mend_gateway()


PAYMENTS = night_of(Trouble("retry", 1, _suspend, _serve_but, _serve_all))

# -- a deploy raises in a step --------------------------------------------------------------------------------------


async def _deploy_fault(rig: Rig) -> None:
    await rig.replace_worker("--raises")


async def _roll_back_but(rig: Rig, stubborn: Sequence[Journey]) -> None:
    named = rig.machine.data_dir / "stubborn.txt"
    named.write_text("\n".join(journey.order for journey in stubborn))
    await rig.replace_worker("--raises", "--only", str(named))


async def _roll_back(rig: Rig) -> None:
    await rig.replace_worker()


DEPLOY = night_of(Trouble("reset", 1, _deploy_fault, _roll_back_but, _roll_back))

# -- the mail server refuses until every budget is spent ------------------------------------------------------------

REFUSING = {"kind": "refuse_451", "count": 1_000_000}
MAILS_OF_AN_ORDER = 3
"""That the order arrived, that it is paid, and that its subscription is active."""


async def _refuse_mail(rig: Rig) -> None:
    await rig.replace_worker("--mail-attempts", "2")
    await rig.ask_mailbox(**REFUSING)


async def _take_mail_but(rig: Rig, stubborn: Sequence[Journey]) -> None:
    await rig.mend_mailbox()
    for journey in stubborn:
        await rig.ask_mailbox(**REFUSING, to=journey.buyer)


async def _take_mail(rig: Rig) -> None:
    await rig.mend_mailbox()


MAIL = night_of(Trouble("retry", MAILS_OF_AN_ORDER, _refuse_mail, _take_mail_but, _take_mail))
