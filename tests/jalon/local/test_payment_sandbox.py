"""The payment sandbox as a process: it starts at once, stops cleanly and loses nothing when killed."""

from __future__ import annotations

import asyncio
import html
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.jalon.local.payment_sandbox_process import ROOT, SandboxProcess
from tests.support.machines import Serving
from tests.support.plain import PLAIN
from tests.support.shop import webhook_secret

AT = "2026-01-15T10:30:00+01:00"
CHARGE = {"amount": 120000, "currency": "EUR", "method": "card_ok"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("gateway") / "ledger.sqlite").start()
    yield process
    process.close()


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A process that tests stop, kill and start again."""
    process = SandboxProcess(tmp_path_factory.mktemp("mortal") / "ledger.sqlite").start()
    yield process
    process.close()


def _post(
    sandbox: SandboxProcess, path: str, key: str, body: dict[str, Any], timeout: float = 5
) -> httpx.Response:
    headers = {"Idempotency-Key": key, "Sandbox-Time": AT}
    return httpx.post(f"{sandbox.url}{path}", json=body, headers=headers, timeout=timeout, verify=PLAIN)


def _of(test: str) -> dict[str, Any]:
    return {**CHARGE, "metadata": {"test": test}}


def test_it_starts_and_stops_quickly(mortal: SandboxProcess) -> None:
    assert mortal.processor_seconds() < 2
    assert mortal.stop() == 0
    assert not mortal.is_open()
    assert not mortal.data.with_name("ledger.sqlite-wal").exists()
    mortal.start()


def test_it_stops_under_a_hanging_request(mortal: SandboxProcess) -> None:
    mortal.fault("hang_after_commit", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        _post(mortal, "/v1/charges", "hanging", _of("hanging"), timeout=1)
    assert mortal.stop() == 0
    mortal.start()
    assert len(mortal.captures(test="hanging")) == 1


def test_killed_between_charges_it_loses_none(mortal: SandboxProcess) -> None:
    acknowledged = []
    for n in range(8):
        acknowledged.append(_post(mortal, "/v1/charges", f"between-{n}", _of("between")).json()["id"])
        if n % 4 == 3:
            mortal.kill()
            mortal.start()
    assert [capture["id"] for capture in mortal.captures(test="between")] == acknowledged


async def test_killed_under_load_it_keeps_every_acknowledged_charge(mortal: SandboxProcess) -> None:
    acknowledged: list[str] = []
    under_load = asyncio.Event()

    async def pay_on(client: httpx.AsyncClient, line: int) -> None:
        for n in range(1000):
            key = {"Idempotency-Key": f"{line}-{n}"}
            try:
                response = await client.post(f"{mortal.url}/v1/charges", json=_of("load"), headers=key)
            except httpx.TransportError:
                return
            acknowledged.append(response.json()["id"])
            if len(acknowledged) > 8:
                under_load.set()

    async with httpx.AsyncClient(verify=PLAIN) as client:
        lines = [asyncio.ensure_future(pay_on(client, line)) for line in range(8)]
        await under_load.wait()
        mortal.kill()
        await asyncio.gather(*lines)
    mortal.start()
    assert set(acknowledged) <= {capture["id"] for capture in mortal.captures(test="load")}


def test_a_charge_that_died_half_done_moved_no_money_and_frees_its_key(mortal: SandboxProcess) -> None:
    mortal.fault("late_commit", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        _post(mortal, "/v1/charges", "half", _of("half"), timeout=1)
    mortal.kill()
    mortal.start()
    (half_done,) = httpx.get(f"{mortal.url}/v1/charges?metadata[test]=half", verify=PLAIN).json()["data"]
    assert (half_done["status"], half_done["decline_code"]) == ("declined", "processing_error")
    assert _post(mortal, "/v1/charges", "half", _of("half")).status_code == 201


def test_a_key_is_forgotten_after_its_time(tmp_path: Path) -> None:
    with closing(SandboxProcess(tmp_path / "ledger.sqlite", "--key-ttl", "2").start()) as forgetful:
        first = _post(forgetful, "/v1/charges", "key", CHARGE)
        assert _post(forgetful, "/v1/charges", "key", CHARGE).headers["idempotent-replayed"] == "true"
        time.sleep(2.1)
        again = _post(forgetful, "/v1/charges", "key", CHARGE)
    assert "idempotent-replayed" not in again.headers
    assert again.json()["id"] != first.json()["id"]


def test_instants_are_those_of_the_caller(sandbox: SandboxProcess) -> None:
    assert _post(sandbox, "/v1/charges", "instant", CHARGE).json()["at"] == "2026-01-15T09:30:00.000000+00:00"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/charges", {**CHARGE, "amount": 0}, 400, "invalid_request"),
        ("/v1/charges", {**CHARGE, "amount": 12.5}, 400, "invalid_request"),
        ("/v1/charges", {**CHARGE, "currency": "euro"}, 400, "invalid_request"),
        ("/v1/charges", {**CHARGE, "tip": 1}, 400, "invalid_request"),
        ("/v1/charges", {**CHARGE, "metadata": {"a'b": "x"}}, 400, "invalid_request"),
        ("/v1/charges", {**CHARGE, "mandate": "man_nobody"}, 404, "mandate_not_found"),
        ("/v1/charges/ch_nobody/cancel", {}, 404, "charge_not_found"),
        ("/v1/refunds", {"charge": "ch_nobody", "amount": 1, "currency": "EUR"}, 404, "charge_not_found"),
        ("/_control/faults", {"kind": "earthquake"}, 400, "invalid_request"),
        ("/_control/faults", {"kind": "unreachable", "match": {"order": "x"}}, 400, "invalid_request"),
        ("/_control/faults", {"kind": "decline", "after_commit": True}, 400, "invalid_request"),
    ],
)
def test_wrong_requests_have_one_shape(
    sandbox: SandboxProcess, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    response = _post(sandbox, path, f"wrong-{path}-{body}"[:255], body)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/charges?limit=0", "/v1/charges?after=ch_nobody", "/v1/charges?since=yesterday",
        "/v1/charges?metadata[a'b]=1", "/v1/events?status=succeeded",
    ],
)  # fmt: skip
def test_wrong_lists_are_refused(sandbox: SandboxProcess, path: str) -> None:
    response = httpx.get(f"{sandbox.url}{path}", verify=PLAIN)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_request")


def test_a_refund_in_another_currency_is_refused(sandbox: SandboxProcess) -> None:
    charge = _post(sandbox, "/v1/charges", "in-euro", CHARGE).json()
    body = {"charge": charge["id"], "amount": 1, "currency": "USD"}
    assert _post(sandbox, "/v1/refunds", "in-dollar", body).json()["error"]["code"] == "currency_mismatch"


def test_webhooks_need_a_secret() -> None:
    refused = subprocess.run(
        [
            sys.executable,
            *("-m", "jalon.local.payment_sandbox", "--port", "1", "--data", "unused", "--webhook-url", "http://x"),
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 2
    assert "--webhook-secret" in refused.stderr
    assert not (ROOT / "unused").exists()


def test_a_secret_is_not_an_argument_and_the_ledger_is_not_for_everybody(machine: Serving) -> None:
    secret = webhook_secret(machine)
    (line,) = (
        process.cmdline()
        for process in psutil.process_iter()
        if "jalon.local.payment_sandbox" in process.cmdline()
        and str(machine.data_dir) in " ".join(process.cmdline())
    )
    assert secret not in line
    for name in ("payments.sqlite", "mailbox.sqlite"):
        assert (machine.data_dir / name).stat().st_mode & 0o077 == 0


def test_the_challenge_page_shows_then_asks_and_the_first_answer_counts(sandbox: SandboxProcess) -> None:
    charge = _post(
        sandbox,
        "/v1/charges",
        "challenge",
        {**CHARGE, "method": "card_3ds", "metadata": {"store": "<b>Shop</b>"}},
    ).json()
    url = charge["challenge_url"] + "?return_to=http%3A%2F%2Fshop.example.com%2Fdone"
    with httpx.Client(follow_redirects=True, verify=PLAIN) as browser:
        page = browser.get(url)
        assert "€1,200.00" in page.text
        assert "&lt;b&gt;Shop" in page.text
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert browser.get(url).text == page.text
        confirmed = browser.post(url, data={"decision": "approve"})
        assert 'href="http://shop.example.com/done"' in confirmed.text
        assert browser.post(url, data={"decision": "deny"}).text == confirmed.text
        assert browser.post(url, data={"decision": "perhaps"}).status_code == 400
    assert httpx.get(f"{sandbox.url}/v1/charges/{charge['id']}", verify=PLAIN).json()["status"] == "succeeded"


def test_the_challenge_page_speaks_french_and_never_links_to_a_script(sandbox: SandboxProcess) -> None:
    body = {"method": "card_3ds"}
    mandate = _post(sandbox, "/v1/mandates", "french", body).json()
    url = mandate["challenge_url"] + "?return_to=javascript:alert(1)"
    french = {"Accept-Language": "fr-FR,fr;q=0.9"}
    page = httpx.get(url, headers=french, verify=PLAIN).text
    assert '<html lang="fr">' in page
    assert "Rien n’est débité maintenant" in page
    refused = httpx.post(
        url, headers=french, data={"decision": "deny"}, follow_redirects=True, verify=PLAIN
    ).text
    assert "Non confirmé" in refused
    assert "javascript" not in refused


def test_an_unknown_challenge_is_said_in_words(sandbox: SandboxProcess) -> None:
    page = httpx.get(f"{sandbox.url}/challenge/nobody", verify=PLAIN)
    assert page.status_code == 404
    assert "There is nothing to confirm here" in page.text


def test_the_front_page_lists_charges_of_a_store(sandbox: SandboxProcess) -> None:
    body = {**CHARGE, "currency": "JPY", "metadata": {"store": "front-page", "payment_key": "hidden"}}
    charge = _post(sandbox, "/v1/charges", "front-page", body).json()
    text = re.sub(
        r"<[^>]+>", " ", html.unescape(httpx.get(f"{sandbox.url}/?store=front-page", verify=PLAIN).text)
    )
    assert charge["id"] in text
    assert "¥120,000" in text
    assert "hidden" not in text
    assert "Nothing was charged yet" in httpx.get(f"{sandbox.url}/?store=nobody", verify=PLAIN).text


async def test_a_hundred_charges_take_less_than_a_second_of_one_core(sandbox: SandboxProcess) -> None:
    count = 300
    async with httpx.AsyncClient(verify=PLAIN) as client:
        began = sandbox.processor_seconds()

        async def pay(line: int) -> None:
            for n in range(count // 10):
                headers = {"Idempotency-Key": f"fast-{line}-{n}"}
                body = {**CHARGE, "metadata": {"batch": "fast"}}
                await client.post(f"{sandbox.url}/v1/charges", json=body, headers=headers)

        await asyncio.gather(*(pay(line) for line in range(10)))
        seconds = sandbox.processor_seconds() - began
    assert len(sandbox.captures(batch="fast")) == count
    assert count / seconds > 100
