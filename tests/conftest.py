"""The real engines, started once in a session: `machine` is the whole of Jalon, `postgres` a migrated database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.supervisor import ProgramFailed
from tests.support import shop as shops
from tests.support.shop import OpenShop, Shop
from tests.support.stores import SandboxStore, StorePool

ROOT = Path(__file__).resolve().parent.parent

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "sleeping": ("tests/end_to_end/test_live.py",),
    "long histories": ("tests/end_to_end/test_long_lives.py",),
    "a database": (
        "tests/activities",
        "tests/jalon/persistence",
        "tests/jalon/rehearsal/sim/test_models.py",
        "tests/jalon/rehearsal/sim/test_twins.py",
    ),
    "a bank": ("tests/jalon/integrations/payments", "tests/jalon/local/test_payment_sandbox.py"),
    "a mail server": ("tests/jalon/integrations/mail/test_smtp.py",),
    "a cluster": ("tests/jalon/local/test_postgres.py",),
    "an engine": ("tests/jalon/local/test_temporal.py",),
}
"""Tests that share a server of their own, or that mostly sleep. One process of the run takes all tests of a lane."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts tests with a time limit of their own first, since they are long."""
    items.sort(key=lambda item: -max((mark.args[0] for mark in item.iter_markers("timeout")), default=0))


class Lanes(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Distributes tests one by one in their order, those of one lane together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((lane for lane, places in TOGETHER.items() if nodeid.startswith(places)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    """The distribution of tests over the processes of a run. The groups of xdist 3.8 have no effect under pytest 9.2."""
    return Lanes(config, log)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A migrated database alone, at `environment["JALON_DATABASE_URL"]` and, for its owner, `owner_url`."""
    folder = tmp_path_factory.mktemp("postgres")
    with Machine(folder, ROOT / "stores", ports=free_ports(), programs=("postgres",)) as machine:
        yield machine


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> StorePool:
    """The stores that the session's machine serves."""
    return StorePool.stock(tmp_path_factory.mktemp("stores"), [ROOT / "stores", ROOT / "tests" / "stores"])


@pytest.fixture(scope="session")
def machines() -> list[Machine]:
    """The session's machine, once a test has requested it."""
    return []


@pytest.fixture(scope="session")
def machine(
    tmp_path_factory: pytest.TempPathFactory, pool: StorePool, machines: list[Machine]
) -> Iterator[Machine]:
    """The whole of Jalon in processes of its own. Every program that a test stops or kills runs again for the next test."""
    with Machine(tmp_path_factory.mktemp("machine"), pool.folder, ports=free_ports()) as machine:
        machines.append(machine)
        yield machine


@pytest.fixture(autouse=True)
def restored(machines: list[Machine], request: pytest.FixtureRequest) -> Iterator[None]:
    """Restarts the programs that a test left stopped. A machine that cannot be restored ends the run."""
    yield
    try:
        for machine in machines:
            machine.restore()
    except ProgramFailed as failed:
        request.session.shouldfail = f"{failed.name} does not come back"
        raise


@pytest.fixture
def store(machine: Machine, pool: StorePool) -> Iterator[Callable[..., SandboxStore]]:
    """`store("fastening", at="2026-01-15T10:30:00+01:00")`: a copy for this test, at that instant."""
    opened: list[SandboxStore] = []

    def take(name: str, at: str | None = None) -> SandboxStore:
        sandbox_store = SandboxStore(pool.take(name), machine.urls["api"], machine.keys)
        opened.append(sandbox_store)
        if at is not None:
            sandbox_store.advance(to=at)
        return sandbox_store

    yield take
    for sandbox_store in opened:
        sandbox_store.close()


@pytest.fixture
def open_shop(machine: Machine, store: Callable[..., SandboxStore]) -> Iterator[OpenShop]:
    """`open_shop("fastening", "2026-01-15 10:30")`: that store, untouched, its clock at that Paris wall time if one is given."""
    opened: list[Shop] = []

    def take(name: str = "fastening", when: str | None = None) -> Shop:
        shop = shops.shop_of(store(name), machine)
        opened.append(shop)
        if when is not None:
            shop.to(when)
        return shop

    yield take
    for shop in opened:
        shops.close(shop)
