"""The cases: which part fails in the middle of the orders, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from jalon.rehearsal.faults import repairing
from jalon.rehearsal.faults.clicks import clicks_while_down
from jalon.rehearsal.faults.everything import everything
from jalon.rehearsal.faults.identical import identical_posts
from jalon.rehearsal.faults.journey import deal, prepared
from jalon.rehearsal.faults.observations import Expected
from jalon.rehearsal.faults.rig import Rig
from jalon.rehearsal.faults.storefront import Storefront
from jalon.rehearsal.faults.unconfirmed import unconfirmed_answers

WINDOW_SECONDS = 12.0
EVERY_KIND = ("worker", "api", "relay", "temporal", "postgres")

Play = Callable[[Rig, Storefront, int], Awaitable[list[Expected]]]
Trouble = Callable[[Rig, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """One part that fails. `play` runs the orders and the faults together and returns how each order should end.

    `recovery`: "kill" measures from the last kill, "wait" how long callers waited, "mail" from an e-mail's intent to its acceptance.
    `apart`: the machine runs under its own supervisor, and `play` starts it.
    """

    id: str
    summary: str
    play: Play
    store: str = "faults"
    recovery: Literal["kill", "wait", "mail"] = "kill"
    orders_at_most: int = 2000
    apart: bool = False


def among_orders(trouble: Trouble) -> Play:
    """Runs orders of all stages while the faults take place."""

    async def play(rig: Rig, shop: Storefront, orders: int) -> list[Expected]:
        journeys = deal(shop, rig.store, orders)
        await prepared(journeys)
        rig.note_trouble()
        await asyncio.gather(trouble(rig, orders), *(journey.go_on(WINDOW_SECONDS) for journey in journeys))
        return [journey.expected() for journey in journeys]

    return play


def killing(*names: str, times: int = 4, pause: float = 2.0) -> Trouble:
    """Kills the programs with -9 in turn, `times` in all, `pause` seconds after each is back."""

    async def trouble(rig: Rig, _orders: int) -> None:
        for turn in range(times):
            await asyncio.sleep(0.5 if turn == 0 else pause)
            name = names[turn % len(names)]
            await rig.kill(name)
            await rig.ready(name)

    return trouble


def gateway(*faults: dict[str, object]) -> Trouble:
    """Makes the gateway fail, each fault for a share of the charges."""

    async def trouble(rig: Rig, orders: int) -> None:
        for fault in faults:
            await rig.ask_gateway(**fault, count=max(orders // (2 * len(faults)), 1), operation="charge")
        rig.note_healed()

    return trouble


async def closed_gateway(rig: Rig, _orders: int) -> None:
    """Closes the gateway's port four times for three seconds."""
    for _ in range(4):
        await rig.ask_gateway(kind="unreachable", seconds=3)
        await asyncio.sleep(4.5)
    rig.note_healed()


def mail_server(kind: str, share: int) -> Trouble:
    """Makes one message in `share` fail."""

    async def trouble(rig: Rig, orders: int) -> None:
        for _ in range(4):
            await rig.ask_mailbox(kind=kind, count=max(orders // share // 4, 1))
            await asyncio.sleep(3)
        rig.note_healed()

    return trouble


HANG = {"kind": "hang_after_commit", "seconds": 9}
CAPTURED_500 = {"kind": "stored_500", "after_commit": True}
EMPTY_500 = {"kind": "stored_500", "after_commit": False}

CASES: tuple[Case, ...] = (
    *(
        Case(f"kill-{name}", f"kill -9 of {name}, four times", among_orders(killing(name)))
        for name in EVERY_KIND
    ),
    Case(
        "kill-any",
        "kill -9 of each process in turn, twice",
        among_orders(killing(*EVERY_KIND, times=10, pause=0.5)),
    ),
    Case("everything", "kill -9 of everything and its supervisor", everything, apart=True),
    Case(
        "gateway-hangs",
        "the gateway captures, then says nothing",
        among_orders(gateway(HANG)),
        recovery="wait",
    ),
    Case(
        "gateway-500",
        "the gateway answers 500 for ever, with and without a capture",
        among_orders(gateway(CAPTURED_500, EMPTY_500)),
        recovery="wait",
    ),
    Case("gateway-away", "the gateway refuses connections", among_orders(closed_gateway), recovery="wait"),
    Case(
        "mail-451",
        "the mail server says not now",
        among_orders(mail_server("refuse_451", 1)),
        recovery="mail",
    ),
    Case(
        "mail-drop",
        "the mail server takes a message and hangs up",
        among_orders(mail_server("drop_after_data", 2)),
        recovery="mail",
    ),
    Case(
        "click-in-time",
        "clicks before and after a deadline, worker and Temporal down over it",
        clicks_while_down,
        store="faults-seconds",
    ),
    Case(
        "same-post",
        "40 callers send the same request while the API is killed",
        identical_posts,
        orders_at_most=4,
    ),
    Case(
        "unconfirmed",
        "worker and Temporal killed between record and confirmation",
        unconfirmed_answers,
        orders_at_most=10,
    ),
    Case(
        "repair-payments",
        "the payment provider refuses every order, then takes nine tenths; one repair",
        repairing.PAYMENTS,
        recovery="wait",
    ),
    Case(
        "repair-budget",
        "the payment provider does not answer until every budget is spent, then nine tenths; one repair",
        repairing.BUDGET,
        recovery="wait",
    ),
    Case(
        "repair-deploy",
        "a deploy raises in a step of every order, then for one tenth; one repair by reset",
        repairing.DEPLOY,
        recovery="wait",
    ),
    Case(
        "repair-mail",
        "the mail server refuses until every budget is spent, then one tenth; one repair",
        repairing.MAIL,
        recovery="mail",
    ),
)
