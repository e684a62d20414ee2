"""What the workflow answers to `live=true` equals the projection, after each of many random steps and after the end."""

from __future__ import annotations

import random
from typing import Any

import pytest

from activities.dispatching import EngineUnreachable
from jalon.inbox.dispatch import CommandDispatcher
from jalon.integrations.temporal.client import TemporalServer, connect
from jalon.integrations.temporal.codec import EncryptingCodec
from jalon.persistence.sessions import Sessions
from tests.support.shop import Answer, Entity, OpenShop, Subscription

STEPS = 25


def live(entity: Entity) -> dict[str, Any]:
    """The entity as its workflow answers, which agrees with the projection."""
    found = Answer.of(entity.shop.store.get(entity.url, role="support", live="true")).ok
    assert found.pop("live") == {"agrees": True, "differences": []}
    return found


def step(chance: random.Random, line: Subscription) -> None:
    """One random thing that somebody does with the subscription; a refusal is a step, too."""
    match chance.randrange(6):
        case 0:
            line.stop()
        case 1:
            line.resume()
        case 2:
            line.assign(f"user{chance.randrange(4)}@{line.shop.id}.example.com")
        case 3:
            line.revoke(chance.randrange(1, 4))
        case 4:
            Answer.of(
                line.shop.store.patch(line.url, {"purchase_order_number": f"PO-{chance.randrange(99)}"})
            )
        case _:
            line.shop.on("P20D")


def test_projection_and_workflow_agree_after_each_of_many_random_steps(open_shop: OpenShop) -> None:
    shop, chance = open_shop("fastening", "2026-01-15 10:30"), random.Random(10)  # noqa: S311 (what happens, not a secret)
    order = shop.order({"sku": "anchor-design-premium", "quantity": 3})
    live(order)
    order.buy()
    live(order)
    line = order.subscription
    live(line)
    line.start()
    for _ in range(STEPS):
        live(line)
        step(chance, line)
    shop.settle()
    assert live(line) == line.read()
    assert live(order)["status"] == "completed"
    plain = Answer.of(shop.store.get(order.url)).ok
    assert "live" not in plain


async def test_an_engine_that_is_away_is_told_as_such() -> None:
    server = TemporalServer("127.0.0.1:9", "default")
    codec = EncryptingCodec("k", {"k": b"k" * 32})
    client = await connect(server, codec, lazy=True)
    nowhere = Sessions.connect("postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(EngineUnreachable):
        await CommandDispatcher(client, nowhere, "jalon", {}).view("order", "store", "ord_1", 3.0)
