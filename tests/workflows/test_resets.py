"""An entity that is reset to any point of its history charges and mails nobody again, and its projection stays right."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from tests.support import temporal as engine
from tests.support.shop import PATIENCE, Entity, OpenShop, Shop, eventually, instant


def projection(entity: Entity) -> dict[str, Any]:
    """The entity as PostgreSQL keeps it."""
    url = entity.shop.machine.environment["JALON_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('app.stores', %s, false)", [entity.shop.id])
        row = connection.execute("select view from entity where id = %s", [entity.id]).fetchone()
    assert row is not None
    view: dict[str, Any] = row[0]
    return view


def outside(shop: Shop) -> dict[str, Any]:
    """The outside effects of the store: charges at the payment sandbox, e-mails in the mailbox."""
    captured = [(each["id"], each["amount"], each["refunded"]) for each in shop.bank.captures(store=shop.id)]
    mandates = [(each["id"], each["status"]) for each in shop.bank.mandates(store=shop.id)]
    mails = [(each["message_id"], each["copies"]) for each in shop.mails()]
    return {"captured": captured, "mandates": mandates, "mails": sorted(mails)}


def apart_from(beside: Sequence[Entity], seen: dict[str, Any]) -> dict[str, Any]:
    """The outside effects without those of these entities, which continue in real time whether reset or not."""
    timelines = [each for entity in beside for each in entity.timeline()["timeline"]]
    theirs = {each["data"]["message_id"] for each in timelines if each["kind"] == "mail"}
    for entity in beside:
        theirs |= {each["id"] for each in entity.captures}
        theirs |= {each["id"] for each in entity.shop.bank.mandates(entity=entity.id)}
    return {what: [each for each in found if each[0] not in theirs] for what, found in seen.items()}


async def settled(client: Client, entity: Entity, run: str, *, closed: bool) -> None:
    """Waits until the run has reached the state of the one before it, and the projection follows."""
    handle = client.get_workflow_handle(engine.workflow_id(entity), run_id=run)
    if closed:
        await handle.result()
    deadline = asyncio.get_running_loop().time() + 30
    while projection(entity) != await engine.own_answer(client, entity):
        assert asyncio.get_running_loop().time() < deadline, "the projection does not follow"
        await asyncio.sleep(0.05)


async def reset_everywhere(client: Client, entity: Entity, *beside: Entity) -> int:
    """Resets the entity's latest run to each point of its history in turn. Returns the number of points.

    `beside` are the other entities of a store on real time, which continue meanwhile.
    """
    runs = await engine.runs_of(client, entity)
    run, status = runs[-1]
    was, seen = projection(entity), apart_from(beside, outside(entity.shop))
    points = await engine.decisions_of(client, engine.workflow_id(entity), run)
    for point in points:
        again = await engine.reset(client, engine.workflow_id(entity), run, point)
        await settled(client, entity, again, closed=status == WorkflowExecutionStatus.COMPLETED)
        if beside:
            eventually(lambda: projection(entity) == was, f"what was, after a reset to {point}")
        else:
            entity.shop.settle()
        assert projection(entity) == await engine.own_answer(client, entity) == was, (
            f"after a reset to {point}"
        )
        eventually(
            lambda: apart_from(beside, outside(entity.shop)) == seen,
            f"what the world saw, after a reset to {point}",
            within=PATIENCE if beside else 0,
        )
    return len(points)


@pytest.mark.timeout(240)
async def test_an_order_that_was_held_released_charged_and_completed(
    open_shop: OpenShop, client: Client
) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("survey-office")
    assert order.place().ok
    shop.to("2026-03-03 09:00")
    assert order.certify(space=True).ok
    shop.settle()
    for reviewer in ("compliance", "compliance_second"):
        assert order.decide("release", role=reviewer).ok
    shop.settle()
    assert order.status == "completed"
    assert await reset_everywhere(client, order) >= 6
    assert order.charged == [189000]
    assert order.events.count("payment_captured") == 1


@pytest.mark.timeout(240)
async def test_an_order_that_was_declined_then_confirmed_at_the_bank(
    open_shop: OpenShop, client: Client
) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = shop.order("drafting-light")
    assert order.place(card="card_declined").ok
    shop.settle()
    assert shop.operate(order.id, "park", "payment").ok
    assert order.place().ok
    shop.to("2026-03-03 10:00")
    assert shop.operate(order.id, "retry", "payment").ok
    shop.settle()
    assert order.status == "completed"
    assert await reset_everywhere(client, order) >= 5
    assert order.charged == [56000]


@pytest.mark.timeout(240)
async def test_a_subscription_from_contract_to_its_running_term(open_shop: OpenShop, client: Client) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = (
        shop.order("anchor-design-premium").buy(card="card_insufficient_funds").subscription.start()
    )
    assert subscription.pay_with("card_ok").ok
    shop.settle()
    assert subscription.assign(shop.email).ok
    shop.settle()
    assert subscription.status == "active"
    assert await reset_everywhere(client, subscription) >= 6
    assert subscription.charged == [120000]


@pytest.mark.timeout(240)
async def test_a_subscription_in_its_second_term(open_shop: OpenShop, client: Client) -> None:
    shop = open_shop("drafting", "2026-01-15 10:30")
    subscription = shop.order("drafting-light").buy().subscription
    shop.to("2027-01-20 10:00")
    assert subscription.stop().ok
    assert subscription.resume().ok
    shop.settle()
    assert await reset_everywhere(client, subscription) >= 3
    assert subscription.charged == [56000]
    shop.to("2028-01-15 00:00")
    assert subscription.charged == [56000] * 2


@pytest.mark.timeout(240)
async def test_an_order_of_a_live_store_whose_deadlines_have_passed_since(
    open_shop: OpenShop, client: Client
) -> None:
    shop = open_shop("rapid")
    order = shop.order({"sku": "signed", "term": "PT20S"})
    assert order.place().ok
    eventually(lambda: order.status == "processing", "its subscription")
    waiting = shop.order({"sku": "signed", "term": "PT20S"})
    assert waiting.place().ok
    for step in (order.subscription.activate, order.subscription.sign):
        assert step().ok
    eventually(lambda: order.status == "completed" and shop.mails("subscription_active"), "active")
    eventually(lambda: len(shop.mails("activation_reminder")) == 1, "what reminds of the other")
    opened = instant(order["created_at"])
    assert opened is not None
    eventually(lambda: datetime.now(UTC) > opened + timedelta(seconds=7), "what was due for its cart")
    running, unsigned = order.subscription, waiting.subscription
    assert await reset_everywhere(client, waiting, unsigned, order, running) >= 2
    assert await reset_everywhere(client, unsigned, waiting, order, running) >= 2
    assert await reset_everywhere(client, order, running, waiting, unsigned) >= 4
    assert order.charged == []
    assert {"cart_reminder", "order_delayed"}.isdisjoint(shop.templates())
