"""An entity that receives very many commands continues as new, and nothing is lost or done twice."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.temporal import binary
from tests.support import shop as shops
from tests.support import temporal as engine
from tests.support.shop import Answer, Entity, Shop, shop_of
from tests.support.stores import SandboxStore, StorePool
from tests.workflows.test_resets import outside, projection

ROOT = Path(__file__).parents[2]
AT_THE_TERMS_END = 97
"""The number of events from which this server suggests continue-as-new; the default is 4096."""

LINE = {"sku": "anchor-design-premium", "term": "P1Y", "licence_kind": "individual"}


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, StorePool]]:
    """A machine whose Temporal suggests continue-as-new early, and the stores that it serves."""
    folder = tmp_path_factory.mktemp("impatient")
    program = folder / "bin" / "temporal"
    program.parent.mkdir()
    option = f"limit.historyCount.suggestContinueAsNew={AT_THE_TERMS_END}"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(binary()))} "$@" --dynamic-config-value {option}\n')
    program.chmod(0o755)
    pool = StorePool.stock(folder / "stores", [ROOT / "stores"], {"fastening": 2})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(program.parent), prepend=":")
        with Machine(folder / "machine", pool.folder, ports=free_ports()) as machine:
            yield machine, pool


@pytest.fixture
def shop(impatient: tuple[Machine, StorePool]) -> Iterator[Shop]:
    """A store of its own on that machine."""
    machine, pool = impatient
    sandbox_store = SandboxStore(pool.take("fastening"), machine.urls["api"], machine.keys)
    opened = shop_of(sandbox_store, machine)
    opened.to("2026-01-15 10:30")
    yield opened
    shops.close(opened)
    sandbox_store.close()


async def runs(entity: Entity) -> int:
    """The number of the entity's runs; checks that its projection equals its own answer."""
    client = await engine.client_of(entity.shop.machine)
    assert projection(entity) == await engine.own_answer(client, entity)
    return len(await engine.runs_of(client, entity))


@pytest.mark.rule("G3", "P5", "P7", "D15")
@pytest.mark.timeout(300)
async def test_a_life_of_many_words_is_lived_in_many_runs(shop: Shop) -> None:
    order = shop.order("anchor-design-premium")
    for number in range(40):
        changed = {"lines": [LINE | {"quantity": 1 + number % 3}]}
        assert Answer.of(shop.store.patch(order.url, changed)).ok
    assert order.events.count("cart_changed") == 40
    assert await runs(order) > 1
    shop.to("2026-01-16 10:30")
    assert shop.templates().count("cart_reminder") == 1

    subscription = order.buy().subscription
    for _ in range(40):
        assert subscription.activate().ok
    assert await runs(subscription) > 1
    assert subscription.sign().ok
    shop.settle()
    assert (order.status, subscription.status) == ("completed", "active")

    lived = await runs(subscription)
    for _ in range(20):
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
    subscriptions = [shop.order("anchor-design-premium").buy().subscription.start() for _ in range(6)]
    for words, subscription in enumerate(subscriptions):
        for word in range(words):
            assert (subscription.resume() if word % 2 else subscription.stop()).ok
    shop.to("2027-01-20 10:00")
    for words, subscription in enumerate(subscriptions):
        if words % 2:
            assert (subscription.status, len(subscription.charged)) == ("purged", 1), words
        else:
            assert (subscription["term_number"], len(subscription.charged)) == (1, 2), words
