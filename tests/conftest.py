"""The real engines: `machine` is the whole of Jalon, one for all processes of a run; `postgres` is a migrated database."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.persistence.sessions import Sessions
from tests.support import shop as shops
from tests.support.machines import Serving, SharedMachine
from tests.support.shop import OpenShop, Shop
from tests.support.stores import COPIES, PoolEmpty, SandboxStore, StorePool, write_example

ROOT = Path(__file__).resolve().parent.parent
SHELVES = (ROOT / "stores", ROOT / "tests" / "stores")
settings.register_profile(
    "long",
    max_examples=300,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SHARED = pytest.StashKey[SharedMachine]()

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "alone": ("tests/end_to_end/alone",),
    "sleeping": ("tests/end_to_end/test_live.py",),
    "elsewhere": ("tests/end_to_end/elsewhere",),
    "a database": (
        "tests/activities",
        "tests/api/http/test_heartbeat.py",
        "tests/jalon/cli/test_audit.py",
        "tests/jalon/cli/test_commands.py",
        "tests/jalon/inbox",
        "tests/jalon/persistence",
        "tests/jalon/test_metrics.py",
        "tests/jalon/rehearsal/sim/test_models.py",
        "tests/jalon/rehearsal/sim/test_twins.py",
    ),
    "a browser": ("tests/browser",),
    "a reader": ("tests/jalon/rehearsal/sim/test_reading.py",),
    "a bank": ("tests/jalon/integrations/payments", "tests/jalon/local/test_payment_sandbox.py"),
    "a kind of its own": ("tests/test_new_kind.py",),
    "a mail server": ("tests/jalon/integrations/mail/test_smtp.py",),
    "a machine of its own": ("tests/jalon/cli/test_doctor.py",),
    "a filled database": ("tests/jalon/cli/test_filling.py",),
    "a cluster": ("tests/jalon/local/test_postgres.py",),
    "an engine": ("tests/jalon/integrations/temporal", "tests/jalon/local/test_temporal.py"),
}
"""Tests that share a server of their own or what took long to make, or that mostly sleep. One process takes all tests of a lane."""


OBJECTS_BETWEEN_COLLECTIONS = 20_000
"""The threshold of the garbage collector, as in `jalon sim`. With Python's default of 700 it takes a tenth of a life."""

# Collecting makes a million objects that all stay; looking for cycles among them takes half of its time.
gc.disable()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--rule P5`, which may be given again, `--copies` and `--joined`."""
    parser.addoption("--rule", action="append", default=[], help="only tests that name this rule")
    parser.addoption(
        "--copies",
        type=int,
        help="how many copies of each store there are; enough for all tests, where unsaid",
    )
    parser.addoption(
        "--joined", type=Path, help="the run of another process, whose machine and stores are used"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts tests with a time limit of their own first, since they are long; where rules are asked for, the others are left out."""
    wanted = set(config.getoption("--rule"))
    if wanted:
        items[:] = [
            item
            for item in items
            if wanted & {id_ for mark in item.iter_markers("rule") for id_ in mark.args}
        ]
    items.sort(key=lambda item: -max((mark.args[0] for mark in item.iter_markers("timeout")), default=0))


class Lanes(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Distributes tests one by one in their order, those of one lane together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((lane for lane, places in TOGETHER.items() if nodeid.startswith(places)), nodeid)


def pytest_collection_finish() -> None:
    """Collects cycles again from here on, except among what collecting made, and less often than Python would."""
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    """The distribution of tests over the processes of a run. The groups of xdist 3.8 have no effect under pytest 9.2."""
    return Lanes(config, log)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A migrated database alone, at `environment["JALON_DATABASE_URL"]` and, for its owner, `owner_url`."""
    folder = tmp_path_factory.mktemp("postgres")
    with Machine(
        folder, ROOT / "stores", ports=free_ports(), durable=False, programs=("postgres",)
    ) as machine:
        yield machine


@pytest.fixture(scope="session")
async def owner(postgres: Machine) -> AsyncIterator[Sessions]:
    """Transactions on the role that owns the schema, for what the application may not do."""
    opened = Sessions.connect(postgres.owner_url, pool_size=2)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str, pytestconfig: pytest.Config) -> Path:
    """A folder for all processes of this run."""
    if (joined := pytestconfig.getoption("--joined")) is not None:
        return Path(joined)
    base = tmp_path_factory.getbasetemp()
    folder = base / "run" if worker_id == "master" else base.parent / "run"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def pool(run_folder: Path, pytestconfig: pytest.Config) -> StorePool:
    """The stores that the run's machine serves. Of a run that was joined, tests that need others are left out."""
    folder = run_folder / "stores"
    return StorePool(folder) if pytestconfig.getoption("--joined") is None else LentStores(folder)


class LentStores(StorePool):
    """Some stores of another run."""

    def take(self, name: str) -> str:
        """The id of an unused copy; skips the test where there is none."""
        try:
            return super().take(name)
        except PoolEmpty as empty:
            pytest.skip(str(empty))


@pytest.fixture(scope="session")
def machine(run_folder: Path, pool: StorePool, pytestconfig: pytest.Config) -> Serving:
    """The whole of Jalon, for all tests of the run. A test that stops one of its programs belongs in tests/end_to_end/alone."""

    def make() -> Machine:
        if not pool.folder.exists():
            most = pytestconfig.getoption("--copies") or max(COPIES.values())
            copies = {name: min(most, needed) for name, needed in COPIES.items()}
            StorePool.stock(pool.folder, (*SHELVES, write_example(run_folder / "example")), copies)
        return Machine(
            run_folder / "machine",
            pool.folder,
            given={"JALON_REPAIR_SECOND_PERSON_FROM": "10"},
            ports=free_ports(),
            durable=False,
        )

    shared = pytestconfig.stash[SHARED] = SharedMachine(run_folder, make)
    return shared.join()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leaves the run's machine. No test's time limit holds here, and the run's other processes may still need the machine."""
    if (shared := session.config.stash.get(SHARED, None)) is not None:
        shared.leave()


@pytest.fixture
def store(machine: Serving, pool: StorePool) -> Iterator[Callable[..., SandboxStore]]:
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
def open_shop(machine: Serving, store: Callable[..., SandboxStore]) -> Iterator[OpenShop]:
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
