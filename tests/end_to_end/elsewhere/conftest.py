"""The same code on engines that settings alone name: a copy of the tree with a second payment provider, and two stores' own providers.

Its Temporal suggests continue-as-new early.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from jalon.local.machine import ENGINES, Machine
from jalon.local.ports import free_ports
from jalon.local.temporal import binary
from tests.jalon.local.payment_sandbox_process import WEBHOOK_SECRET, SandboxProcess
from tests.support.house_bank import NAME, ROOT, Copy, copy_of_the_tree
from tests.support.machines import Description
from tests.support.plain import PLAIN
from tests.support.shop import Shop
from tests.support.shop import close as close_shop
from tests.support.stores import SandboxStore, StorePool
from tests.support.world import Bank, Mailbox

AT_THE_TERMS_END = 97
"""The number of events from which this server suggests continue-as-new; the default is 4096."""
NAMED = (
    "JALON_DATABASE_URL",
    "JALON_DATABASE_OWNER_URL",
    "JALON_TEMPORAL_ADDRESS",
    "JALON_TEMPORAL_NAMESPACE",
)
COPIES = {"drafting": 1, "fastening": 3}
OWN_BANK = "drafting"
"""The store that is paid through the second provider. The others are paid through the sandbox, as the defaults say."""
SERVE = """
import json, sys
from pathlib import Path
from jalon.local.machine import Machine
from tests.support.machines import Description
folder, stores, ports, given = sys.argv[1:]
with Machine(Path(folder), Path(stores), ports=json.loads(ports), durable=False, given=json.loads(given)) as machine:
    print(json.dumps([list(machine.pids), Description.of(machine).text]), flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Installation:
    """A machine of the copy: the programs that it started, what it tells about itself, its stores, and the banks."""

    started: frozenset[str]
    machine: Description
    pool: StorePool
    banks: Mapping[str, SandboxProcess]


@pytest.fixture(scope="package")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the tree with the second provider."""
    made = copy_of_the_tree(tmp_path_factory.mktemp("tree"))
    made.add_house_bank()
    return made


@pytest.fixture(scope="package")
def stores(tmp_path_factory: pytest.TempPathFactory) -> StorePool:
    """The stores of the installation."""
    pool = StorePool.stock(tmp_path_factory.mktemp("elsewhere") / "stores", [ROOT / "stores"], COPIES)
    file = pool.folder / f"{OWN_BANK}-01.toml"
    text = file.read_text()
    assert text.count("[payment]\n") == 1
    file.write_text(text.replace("[payment]\n", f'[payment]\nprovider = "{NAME}"\n'))
    return pool


@pytest.fixture(scope="package")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A PostgreSQL, and a Temporal that suggests continue-as-new early."""
    folder = tmp_path_factory.mktemp("engines")
    program = folder / "bin" / "temporal"
    program.parent.mkdir()
    option = f"limit.historyCount.suggestContinueAsNew={AT_THE_TERMS_END}"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(binary()))} "$@" --dynamic-config-value {option}\n')
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(program.parent), prepend=":")
        with Machine(
            folder / "machine", folder, ports=free_ports(), durable=False, programs=ENGINES
        ) as machine:
            yield machine


@pytest.fixture(scope="package")
def installation(
    engines: Machine, copy: Copy, stores: StorePool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The copy's machine on those engines, with two payment providers."""
    folder = tmp_path_factory.mktemp("installation")
    ports = free_ports()
    banks = {name: _bank(folder, name, ports["api"]) for name in ("sandbox", NAME)}
    providers = {
        "sandbox": {"url": banks["sandbox"].url, "webhook_secret": WEBHOOK_SECRET},
        NAME: {"counter": banks[NAME].url, "seal": WEBHOOK_SECRET},
    }
    variables = {**engines.environment, "JALON_DATABASE_OWNER_URL": engines.owner_url}
    given = {name: variables[name] for name in NAMED} | {"JALON_PAYMENT_PROVIDERS": json.dumps(providers)}
    arguments = (str(folder / "data"), str(stores.folder), json.dumps(ports), json.dumps(given))
    with _served(copy, arguments) as (started, machine):
        yield Installation(frozenset(started), machine, stores, banks)
    for bank in banks.values():
        bank.close()


@pytest.fixture
def open_at(installation: Installation) -> Iterator[Callable[[str], Shop]]:
    """`open_at("fastening")`: an unused store of that name and its bank."""
    opened: list[Shop] = []
    urls = installation.machine.urls

    def take(store: str) -> Shop:
        provider = NAME if store == OWN_BANK else "sandbox"
        bank, mailbox, browser = (
            httpx.Client(base_url=url, timeout=60, verify=PLAIN)
            for url in (installation.banks[provider].url, urls["mailbox"], urls["api"])
        )
        sandbox_store = SandboxStore(installation.pool.take(store), urls["api"], installation.machine.keys)
        opened.append(Shop(sandbox_store, installation.machine, Bank(bank), Mailbox(mailbox), browser))
        opened[-1].to("2026-01-15 10:30")
        return opened[-1]

    yield take
    for shop in opened:
        close_shop(shop)
        shop.store.close()


@contextmanager
def _served(copy: Copy, arguments: tuple[str, ...]) -> Iterator[tuple[list[str], Description]]:
    process = copy.start("-c", SERVE, *arguments)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise AssertionError(process.communicate()[1])
        started, text = json.loads(line)
        yield started, Description.read(text)
    finally:
        process.stdin.close()
        try:
            process.wait(60)
        finally:
            process.kill()


def _bank(folder: Path, name: str, api_port: int) -> SandboxProcess:
    webhook = f"http://127.0.0.1:{api_port}/v1/provider-webhooks/{name}"
    options = ("--webhook-url", webhook, "--webhook-secret", WEBHOOK_SECRET)
    return SandboxProcess(folder / f"{name}.sqlite", *options).start()
