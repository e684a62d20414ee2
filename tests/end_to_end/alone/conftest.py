"""For tests that stop programs, or that count everything: `machine` is one that no other process uses, stopped after the last of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.supervisor import ProgramFailed
from tests.conftest import SHELVES
from tests.support.collector import Collector, collecting
from tests.support.stores import StorePool

COPIES = {"brisk": 1, "fastening": 9, "drafting": 7, "crew": 3, "lifecycle": 1, "rapid": 3}


@pytest.fixture(scope="package")
def pool(tmp_path_factory: pytest.TempPathFactory) -> StorePool:
    """The stores that this machine serves."""
    return StorePool.stock(tmp_path_factory.mktemp("alone") / "stores", SHELVES, COPIES)


@pytest.fixture(scope="package")
def collector() -> Iterator[Collector]:
    """Where the programs of this machine send their spans."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="package")
def machine(
    tmp_path_factory: pytest.TempPathFactory, pool: StorePool, collector: Collector
) -> Iterator[Machine]:
    """The whole of Jalon. Every program that a test stops or kills runs again for the next test."""
    with Machine(
        tmp_path_factory.mktemp("machine"),
        pool.folder,
        ports=free_ports(),
        given={"JALON_OTLP_ENDPOINT": collector.url},
        durable=False,
    ) as machine:
        yield machine


@pytest.fixture(autouse=True)
def restored(machine: Machine, request: pytest.FixtureRequest) -> Iterator[None]:
    """Restarts the programs that a test left stopped. A machine that cannot be restored ends the run."""
    yield
    try:
        machine.restore()
    except ProgramFailed as failed:
        request.session.shouldfail = f"{failed.name} does not come back"
        raise
