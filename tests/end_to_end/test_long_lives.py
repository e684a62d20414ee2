"""The same code on engines named by settings alone, whose Temporal suggests continue-as-new early.

An entity that receives very many commands continues as new, and nothing is lost or done twice.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from jalon.local.machine import ENGINES, OUTSIDE, OWN, Machine
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

MANY = 16
"""Commands of one kind. A command takes a dozen events."""

LINE = {"sku": "anchor-design-premium", "term": "P1Y", "licence_kind": "individual"}


NAMED = (
    "JALON_DATABASE_URL",
    "JALON_DATABASE_OWNER_URL",
    "JALON_TEMPORAL_ADDRESS",
    "JALON_TEMPORAL_NAMESPACE",
)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A PostgreSQL, and a Temporal that suggests continue-as-new early."""
    folder = tmp_path_factory.mktemp("elsewhere")
    program = folder / "bin" / "temporal"
    program.parent.mkdir()
    option = f"limit.historyCount.suggestContinueAsNew={AT_THE_TERMS_END}"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(binary()))} "$@" --dynamic-config-value {option}\n')
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(program.parent), prepend=":")
        with Machine(folder / "machine", folder, ports=free_ports(), programs=ENGINES) as machine:
            yield machine


@pytest.fixture(scope="module")
def guest(
    elsewhere: Machine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Machine, StorePool]]:
    """A machine on those engines, and the stores that it serves."""
    folder = tmp_path_factory.mktemp("guest")
    pool = StorePool.stock(folder / "stores", [ROOT / "stores"], {"fastening": 2})
    variables = {**elsewhere.environment, "JALON_DATABASE_OWNER_URL": elsewhere.owner_url}
    given = {name: variables[name] for name in NAMED}
    with Machine(folder / "machine", pool.folder, ports=free_ports(), given=given) as machine:
        yield machine, pool


@pytest.fixture
def shop(guest: tuple[Machine, StorePool]) -> Iterator[Shop]:
    """A store of its own on that machine."""
    machine, pool = guest
    sandbox_store = SandboxStore(pool.take("fastening"), machine.urls["api"], machine.keys)
    opened = shop_of(sandbox_store, machine)
    opened.to("2026-01-15 10:30")
    yield opened
    shops.close(opened)
    sandbox_store.close()


def test_only_our_own_processes_are_started(guest: tuple[Machine, StorePool]) -> None:
    machine, _ = guest
    assert set(machine.pids) == {*OUTSIDE, *OWN}
    assert httpx.get(machine.urls["api"] + "/readyz").status_code == 200


@pytest.mark.parametrize("name", OWN)
def test_each_process_stops_gracefully_and_comes_back_alone(
    guest: tuple[Machine, StorePool], name: str
) -> None:
    machine, _ = guest
    others = {other: pid for other, pid in machine.pids.items() if other != name}
    machine.stop(name)
    assert machine.pids == others
    machine.start(name)
    assert {**machine.pids, name: 0} == {**others, name: 0}


async def runs(entity: Entity) -> int:
    """The number of the entity's runs; checks that its projection equals its own answer."""
    client = await engine.client_of(entity.shop.machine)
    assert projection(entity) == await engine.own_answer(client, entity)
    return len(await engine.runs_of(client, entity))


@pytest.mark.rule("G3", "P5", "P7", "D15")
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
