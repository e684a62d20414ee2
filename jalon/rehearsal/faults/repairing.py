"""Nights with many stopped orders: nine tenths heal with one repair, the others stand again, and a second repair heals them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from jalon.client.repairs import Action
from jalon.rehearsal.faults.customers import good_day, see_nothing_but_a_delay
from jalon.rehearsal.faults.journey import PREPARED_AT_ONCE, Journey
from jalon.rehearsal.faults.night import Night, expect
from jalon.rehearsal.faults.observations import Expected
from jalon.rehearsal.faults.rig import Rig
from jalon.rehearsal.faults.storefront import Storefront
from workflows.engine import options

STUBBORN_OF = 10
"""One order in so many does not heal with the first repair."""
BRIEF_OF = 5
"""One order in so many has to be activated soon. Half of them are stubborn."""
BRIEF_WINDOW_SECONDS = 45.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """How a night goes: what breaks before the orders, what is mended for all but the stubborn, and then for them.

    `steps` are those of one order that stop. With `deadlines` the activation window of every fifth order closes within the night.
    `stuck` looks at the machine once everything stands.
    """

    action: Action
    steps: int
    breaks: Callable[[Rig], Awaitable[None]]
    mends: Callable[[Rig, Sequence[Journey]], Awaitable[None]]
    mends_all: Callable[[Rig], Awaitable[None]]
    deadlines: bool = False
    stuck: Callable[[Rig, int], Awaitable[None]] | None = None


def night_of(trouble: Trouble) -> Callable[[Rig, Storefront, int], Awaitable[list[Expected]]]:
    """The play of a night."""

    async def play(rig: Rig, shop: Storefront, orders: int) -> list[Expected]:
        journeys = [_journey(rig, shop, trouble, number) for number in range(orders)]
        kinds = sorted({journey.sku for journey in journeys})
        before = [Journey(shop, rig.store, orders + n, "a good day", sku) for n, sku in enumerate(kinds)]
        usual = await good_day(rig, before)
        async with Night(rig.machine.urls["api"], rig.machine.keys["admin"]) as night:
            await trouble.breaks(rig)
            rig.note_trouble()
            await _each(journeys, _open_and_place)
            placed_at = time.monotonic()
            stubborn = journeys[STUBBORN_OF - 1 :: STUBBORN_OF]
            cause = await night.until_stuck(trouble.steps * orders)
            rig.say(f"one cause, {time.monotonic() - placed_at:.0f} s after the last order")
            await _over_the_deadlines(rig, trouble, journeys, placed_at)
            await trouble.mends(rig, stubborn)
            await _first(rig, night, trouble, cause["fingerprint"], journeys, stubborn)
            await trouble.mends_all(rig)
            left = await night.until_stuck(trouble.steps * len(stubborn))
            _, second = await night.repair("the rest of the night", trouble.action, left["fingerprint"])
            expect("healed of the rest", second["counts"]["healed"], trouble.steps * len(stubborn))
        rig.note_healed()
        await _each(journeys, _go_on_by_day)
        return [
            replace(journey.expected(), mails=usual[journey.sku], no_other_mail=True)
            for journey in (*before, *journeys)
        ]

    return play


def _journey(rig: Rig, shop: Storefront, trouble: Trouble, number: int) -> Journey:
    sku = "brief" if trouble.deadlines and number % BRIEF_OF == BRIEF_OF - 1 else "prepaid"
    return Journey(shop, rig.store, number, "prepaid cart", sku)


async def _over_the_deadlines(
    rig: Rig, trouble: Trouble, journeys: Sequence[Journey], placed_at: float
) -> None:
    """Waits until the windows that close within the night are closed, and looks at what the customers see meanwhile."""
    if trouble.deadlines:
        await asyncio.sleep(max(0.0, placed_at + BRIEF_WINDOW_SECONDS + 1 - time.monotonic()))
    seen = await see_nothing_but_a_delay(rig, journeys)
    rig.say(f"the pages of {seen} orders say nothing but that they are on their way")
    if trouble.stuck is not None:
        await trouble.stuck(rig, len(journeys))


async def _first(
    rig: Rig,
    night: Night,
    trouble: Trouble,
    cause: str,
    journeys: Sequence[Journey],
    stubborn: Sequence[Journey],
) -> None:
    began = time.monotonic()
    plan, repair = await night.repair("a night in ops", trouble.action, cause)
    rig.say(f"the first repair took {time.monotonic() - began:.0f} s")
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


async def _each(journeys: Sequence[Journey], does: Callable[[Journey], Awaitable[None]]) -> None:
    """Does it for each order, a few at a time."""
    slots = asyncio.Semaphore(PREPARED_AT_ONCE)

    async def one(journey: Journey) -> None:
        async with slots:
            await does(journey)

    await asyncio.gather(*map(one, journeys))


async def _open_and_place(journey: Journey) -> None:
    await journey.open()
    await journey.place()


async def _go_on_by_day(journey: Journey) -> None:
    if journey.sku == "brief":
        await journey.activate_late()
    await journey.complete()


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


PAYMENTS = night_of(Trouble("retry", 1, _suspend, _serve_but, _serve_all, deadlines=True))

# -- the payment provider does not answer until every budget is spent -------------------------------------------------

SILENT = {"kind": "timeout_before", "operation": "charge", "seconds": 0.001, "count": 1_000_000}
ATTEMPTS = options.PAYMENT.retry.maximum_attempts


async def _fall_silent(rig: Rig) -> None:
    await rig.replace_worker("--payment-pause", "0.05")
    await rig.ask_gateway(**SILENT)


async def _answer_but(rig: Rig, stubborn: Sequence[Journey]) -> None:
    await rig.mend_gateway()
    for journey in stubborn:
        await rig.ask_gateway(**SILENT, match={"entity": journey.order})


async def _all_attempts_made(rig: Rig, orders: int) -> None:
    expect("attempts", sum(each["hits"] for each in await rig.gateway_faults()), ATTEMPTS * orders)


BUDGET = night_of(Trouble("retry", 1, _fall_silent, _answer_but, _serve_all, stuck=_all_attempts_made))

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
