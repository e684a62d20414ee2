"""Two stores with two payment providers in one installation. The second provider is one file, its line and its test case."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jalon.integrations.payments.registry import PROVIDERS
from jalon.integrations.payments.signature import sign
from tests.end_to_end.elsewhere.conftest import OWN_BANK, Installation
from tests.jalon.integrations.payments import test_contract
from tests.jalon.local.payment_sandbox_process import WEBHOOK_SECRET
from tests.support.house_bank import NAME, Copy
from tests.support.shop import Shop
from tests.support.stores import StorePool

RING = f"k1:{base64.b64encode(b'k' * 32).decode()}"


def _told_by(provider: str, shop: Shop, charge: dict[str, Any]) -> dict[str, Any]:
    """The API's answer to a signed event about this charge, from a provider that does not hold it."""
    event, stamp = f"evt_{uuid.uuid4().hex}", str(int(time.time()))
    about = {"object": "charge", "id": charge["id"], "metadata": charge["metadata"]}
    body = json.dumps({"id": event, "type": "charge.succeeded", "data": about}).encode()
    signed = f"v1,{sign(body, event, stamp, WEBHOOK_SECRET)}"
    headers = {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": signed}
    heard = shop.browser.post(f"/v1/provider-webhooks/{provider}", content=body, headers=headers)
    return dict(heard.raise_for_status().json())


@pytest.mark.timeout(180)
def test_two_stores_with_two_providers_place_and_renew_side_by_side(
    installation: Installation, open_at: Callable[[str], Shop]
) -> None:
    drafting, fastening = open_at(OWN_BANK), open_at("fastening")
    drawn = drafting.order("drafting-light").buy(card="card_ok")
    fixed = fastening.order("anchor-design-standard").buy()
    fixed.subscription.start()
    for shop in (drafting, fastening):
        shop.to("2027-01-15 00:00")
    assert drawn.charged + drawn.subscription.charged == [56000] * 2
    assert fixed.subscription.charged == [48000] * 2
    confirmed = drafting.order("drafting-light").buy(card="card_3ds")
    (waiting,) = drafting.bank.charges(entity=confirmed.id)
    assert _told_by("sandbox", drafting, waiting)["request_id"] is None
    drafting.bank.decide(confirmed["payment"]["action_url"], "approve")
    drafting.on("PT1H")
    assert (confirmed.status, confirmed.charged) == ("completed", [56000])
    banks = installation.banks
    assert banks["sandbox"].captures(store=drafting.id) == banks[NAME].captures(store=fastening.id) == []


@pytest.fixture(scope="module")
def settings(stores: StorePool) -> dict[str, str]:
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
        "JALON_STORES_DIR": str(stores.folder),
        "JALON_PAYMENT_PROVIDERS": json.dumps(
            {"sandbox": {"url": "http://127.0.0.1:1", "webhook_secret": WEBHOOK_SECRET}}
        ),
    }


def test_a_store_that_names_an_unopened_provider_is_refused_at_the_start(
    copy: Copy, stores: StorePool, settings: dict[str, str]
) -> None:
    """Every program reads its configuration by `Installation.read_or_exit`; the relay starts in the least time."""
    file = stores.folder / f"{OWN_BANK}-01.toml"
    assert copy.run("jalon.cli.main", "stores", "check", str(file)).returncode == 0
    process = copy.start("-m", "jalon.relay", variables=settings)
    errors = process.communicate(timeout=100)[1]
    assert process.returncode == 1, errors
    assert "Traceback" not in errors
    assert f"{file.name}:{_line(file)}: payment.provider: " in errors
    assert (
        f'store "{file.stem}" is paid through "{NAME}", which this installation does not open; give "{NAME}" its '
        "settings in JALON_PAYMENT_PROVIDERS, or name one that is opened: sandbox"
    ) in errors


def _line(file: Path) -> int:
    text = file.read_text()
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
