"""An entity that receives very many commands continues as new, and nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from jalon.local.machine import OWN
from tests.end_to_end.elsewhere.conftest import Installation
from tests.support import temporal as engine
from tests.support.plain import PLAIN
from tests.support.shop import Answer, Entity, Shop
from tests.workflows.test_resets import outside, projection

MANY = 16
"""Commands of one kind. A command takes a dozen events."""

LINE = {"sku": "anchor-design-premium", "term": "P1Y", "licence_kind": "individual"}


@pytest.fixture
def shop(open_at: Callable[[str], Shop]) -> Shop:
    """A store of its own on a machine whose Temporal suggests continue-as-new early."""
    return open_at("fastening")


def test_only_what_no_setting_names_is_started(installation: Installation) -> None:
    assert installation.started == {"mailbox", *OWN}
    assert httpx.get(installation.machine.urls["api"] + "/readyz", verify=PLAIN).status_code == 200


async def runs(entity: Entity) -> int:
    """The number of the entity's runs; checks that its projection equals its own answer."""
    client = await engine.client_of(entity.shop.machine)
    assert projection(entity) == await engine.own_answer(client, entity)
    return len(await engine.runs_of(client, entity))


@pytest.mark.rule("G3", "P5", "D15")
@pytest.mark.timeout(300)
async def test_a_life_of_many_words_is_lived_in_many_runs(shop: Shop) -> None:
    order = shop.order("anchor-design-premium")
    for number in range(MANY):
        changed = {"lines": [LINE | {"quantity": 1 + number % 3}]}
        assert Answer.of(shop.store.patch(order.url, changed)).ok
    assert order.events.count("cart_changed") == MANY
    assert await runs(order) > 1
    shop.to("2026-01-16 10:30")
    assert shop.templates().count("cart_reminder") == 1

    subscription = order.buy().subscription
    for _ in range(MANY):
        assert subscription.activate().ok
    assert await runs(subscription) > 1
    assert subscription.sign().ok
    shop.settle()
    assert (order.status, subscription.status) == ("completed", "active")

    lived = await runs(subscription)
    for _ in range(MANY // 2):
        assert subscription.stop().ok
        assert subscription.resume().ok
    assert await runs(subscription) > lived
    before = outside(shop)
    shop.settle()
    assert outside(shop) == before
    shop.to("2028-01-20 10:00")
    assert (subscription.status, subscription["term_number"]) == ("active", 2)
    assert len(subscription.charged) == 3
    assert len(shop.mails("contract_ready")) == 1
    assert shop.parked() == []


@pytest.mark.rule("D14", "D16")
@pytest.mark.timeout(300)
def test_a_term_ends_as_it_should_wherever_the_history_grows_long(shop: Shop) -> None:
    """Each subscription gets one command more than the one before, so that for one of them the term's end makes the history long."""
    orders = [shop.order("anchor-design-premium") for _ in range(6)]
    for order in orders:
        assert order.place().ok
    shop.settle()
    subscriptions = [order.subscription for order in orders]
    for subscription in subscriptions:
        assert subscription.activate().ok
        assert subscription.sign().ok
    shop.settle()
    for words, subscription in enumerate(subscriptions):
        for word in range(words):
            assert (subscription.resume() if word % 2 else subscription.stop()).ok
    shop.to("2027-01-20 10:00")
    for words, subscription in enumerate(subscriptions):
        if words % 2:
            assert (subscription.status, len(subscription.charged)) == ("purged", 1), words
        else:
            assert (subscription["term_number"], len(subscription.charged)) == (1, 2), words
