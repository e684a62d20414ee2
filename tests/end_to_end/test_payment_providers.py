"""Two stores with two payment providers in one installation. The second provider is one file, its line and its test case."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from jalon.integrations.payments.registry import PROVIDERS
from jalon.integrations.payments.signature import sign
from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.storefolder import copy_store, copy_texts
from tests.jalon.integrations.payments import test_contract
from tests.jalon.local.payment_sandbox_process import WEBHOOK_SECRET, SandboxProcess
from tests.support.house_bank import NAME, ROOT, Copy, copy_of_the_tree
from tests.support.shop import Shop
from tests.support.stores import EARLIEST, SandboxStore
from tests.support.world import Bank, Mailbox

RING = f"k1:{base64.b64encode(b'k' * 32).decode()}"
PROGRAMS = {
    "api": ("uvicorn", "--factory", "api.app:create_app", "--port", "0"),
    "worker": ("worker",),
    "relay": ("jalon.relay",),
}
SERVE = """
import json, sys
from pathlib import Path
from jalon.local.machine import Machine
folder, stores, ports, providers = sys.argv[1:]
with Machine(Path(folder), Path(stores), ports=json.loads(ports), given={"JALON_PAYMENT_PROVIDERS": providers}) as machine:
    print(json.dumps([machine.urls, machine.keys]), flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Installation:
    """The addresses of a machine of the copy."""

    urls: dict[str, str]
    keys: dict[str, str]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    made = copy_of_the_tree(tmp_path_factory.mktemp("tree"))
    made.add_house_bank()
    return made


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drafting is paid through the sandbox, as the defaults say; Fastening through the house bank."""
    folder = tmp_path_factory.mktemp("stores")
    copy_texts(ROOT / "stores", folder)
    for name in ("drafting", "fastening"):
        copy_store(ROOT / "stores" / f"{name}.toml", folder, clock="test", starts_at=EARLIEST)
    file = folder / "fastening.toml"
    text = file.read_text()
    assert text.count("[payment]\n") == 1
    file.write_text(text.replace("[payment]\n", f'[payment]\nprovider = "{NAME}"\n'))
    return folder


@contextmanager
def installed(
    copy: Copy, data: Path, stores: Path, ports: dict[str, int], providers: str
) -> Iterator[Installation]:
    arguments = (str(data), str(stores), json.dumps(ports), providers)
    process = copy.start("-c", SERVE, *arguments)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise AssertionError(process.communicate()[1])
        yield Installation(*json.loads(line))
    finally:
        process.stdin.close()
        try:
            process.wait(60)
        finally:
            process.kill()


@contextmanager
def shop_at(installation: Installation, store: str, bank: SandboxProcess) -> Iterator[Shop]:
    clients = [
        httpx.Client(base_url=url, timeout=60)
        for url in (bank.url, installation.urls["mailbox"], installation.urls["api"])
    ]
    sandbox_store = SandboxStore(store, installation.urls["api"], installation.keys)
    yield Shop(sandbox_store, cast(Machine, installation), Bank(clients[0]), Mailbox(clients[1]), clients[2])
    sandbox_store.close()
    for client in clients:
        client.close()


def _told_by(provider: str, shop: Shop, charge: dict[str, Any]) -> dict[str, Any]:
    """The API's answer to a signed event about this charge, from a provider that does not hold it."""
    event, stamp = f"evt_{uuid.uuid4().hex}", str(int(time.time()))
    about = {"object": "charge", "id": charge["id"], "metadata": charge["metadata"]}
    body = json.dumps({"id": event, "type": "charge.succeeded", "data": about}).encode()
    signed = f"v1,{sign(body, event, stamp, WEBHOOK_SECRET)}"
    headers = {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": signed}
    heard = shop.browser.post(f"/v1/provider-webhooks/{provider}", content=body, headers=headers)
    return dict(heard.raise_for_status().json())


def _bank(folder: Path, name: str, api_port: int) -> SandboxProcess:
    webhook = f"http://127.0.0.1:{api_port}/v1/provider-webhooks/{name}"
    options = ("--webhook-url", webhook, "--webhook-secret", WEBHOOK_SECRET)
    return SandboxProcess(folder / f"{name}.sqlite", *options).start()


@pytest.mark.timeout(180)
def test_two_stores_with_two_providers_place_and_renew_side_by_side(
    copy: Copy, stores: Path, tmp_path: Path
) -> None:
    ports = free_ports()
    banks = {name: _bank(tmp_path, name, ports["api"]) for name in ("sandbox", NAME)}
    providers = {
        "sandbox": {"url": banks["sandbox"].url, "webhook_secret": WEBHOOK_SECRET},
        NAME: {"counter": banks[NAME].url, "seal": WEBHOOK_SECRET},
    }
    with (
        installed(copy, tmp_path / "data", stores, ports, json.dumps(providers)) as installation,
        shop_at(installation, "drafting", banks["sandbox"]) as drafting,
        shop_at(installation, "fastening", banks[NAME]) as fastening,
    ):
        for shop in (drafting, fastening):
            shop.to("2026-01-15 10:30")
        drawn = drafting.order("drafting-light").buy()
        fixed = fastening.order("anchor-design-standard").buy(card="card_ok")
        fixed.subscription.start()
        for shop in (drafting, fastening):
            shop.to("2027-01-15 00:00")
        assert drawn.charged + drawn.subscription.charged == [56000] * 2
        assert fixed.subscription.charged == [48000] * 2
        confirmed = drafting.order("drafting-light").buy(card="card_3ds")
        (waiting,) = drafting.bank.charges(entity=confirmed.id)
        assert _told_by(NAME, drafting, waiting)["request_id"] is None
        drafting.bank.decide(confirmed["payment"]["action_url"], "approve")
        drafting.on("PT1H")
        assert (confirmed.status, confirmed.charged) == ("completed", [56000])
        assert banks[NAME].captures(store="drafting") == banks["sandbox"].captures(store="fastening") == []
    for bank in banks.values():
        bank.close()


@pytest.fixture(scope="module")
def settings(stores: Path) -> dict[str, str]:
    """Complete settings with the sandbox alone. Nothing is connected before the stores are checked."""
    return {
        "JALON_DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/x",
        "JALON_TEMPORAL_ADDRESS": "127.0.0.1:1",
        "JALON_CODEC_KEYS": RING,
        "JALON_LINK_KEYS": RING,
        "JALON_PERSON_KEYS": RING,
        "JALON_PUBLIC_URL": "http://127.0.0.1:1",
        "JALON_SMTP_HOST": "127.0.0.1",
        "JALON_MAIL_SENDER": "orders@example.com",
        "JALON_STORES_DIR": str(stores),
        "JALON_PAYMENT_PROVIDERS": json.dumps(
            {"sandbox": {"url": "http://127.0.0.1:1", "webhook_secret": WEBHOOK_SECRET}}
        ),
    }


def test_a_store_that_names_an_unopened_provider_is_refused_at_the_start(
    copy: Copy, stores: Path, settings: dict[str, str]
) -> None:
    assert copy.run("jalon.cli.main", "stores", "check", str(stores / "fastening.toml")).returncode == 0
    started = {name: copy.start("-m", *module, variables=settings) for name, module in PROGRAMS.items()}
    for name, process in started.items():
        errors = process.communicate(timeout=100)[1]
        assert process.returncode == 1, f"{name}: {errors}"
        assert "Traceback" not in errors
        assert f"fastening.toml:{_line(stores)}: payment.provider: " in errors
        assert (
            f'store "fastening" is paid through "{NAME}", which this installation does not open; give "{NAME}" its '
            "settings in JALON_PAYMENT_PROVIDERS, or name one that is opened: sandbox"
        ) in errors


def _line(stores: Path) -> int:
    text = (stores / "fastening.toml").read_text()
    return text[: text.index("[payment]\n")].count("\n") + 2


def test_the_contract_suite_asks_for_the_case_of_a_new_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    test_contract.test_every_provider_is_rehearsed()
    monkeypatch.setitem(PROVIDERS, NAME, PROVIDERS["sandbox"])
    with pytest.raises(AssertionError, match=NAME):
        test_contract.test_every_provider_is_rehearsed()


def test_the_contract_suite_runs_over_the_case_of_a_new_provider(copy: Copy) -> None:
    copy.add_its_case()
    suite = ("pytest", "-q", "-p", "no:cacheprovider", "tests/jalon/integrations/payments/test_contract.py")
    complete = copy.run(*suite, "-k", f"{NAME} or rehearsed")
    assert complete.returncode == 0, complete.stdout
    assert " passed" in complete.stdout
