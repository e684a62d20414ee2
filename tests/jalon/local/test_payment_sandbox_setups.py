"""The sandbox's set-up sessions over real HTTP: the page on which a customer gives a card."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from jalon.local.payment_sandbox.cards import CARDS
from tests.jalon.local.payment_sandbox_process import SandboxProcess
from tests.support.plain import PLAIN


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("gateway") / "ledger.sqlite").start()
    yield process
    process.close()


def _begin(sandbox: SandboxProcess, key: str, body: dict[str, str]) -> httpx.Response:
    return httpx.post(f"{sandbox.url}/v1/setups", json=body, headers={"Idempotency-Key": key}, verify=PLAIN)


def _setup(sandbox: SandboxProcess, key: str, language: str) -> dict[str, Any]:
    body = {"return_url": "http://shop.example.com/back/{session}", "language": language}
    begun: dict[str, Any] = _begin(sandbox, key, body).json()
    return begun


@pytest.mark.parametrize(("language", "said"), [("fr", "Paie toujours."), ("en", "Always pays.")])
def test_the_page_of_a_session_offers_every_card_with_what_it_does(
    sandbox: SandboxProcess, language: str, said: str
) -> None:
    setup = _setup(sandbox, f"offers-{language}", language)
    page = httpx.get(setup["url"], verify=PLAIN)
    assert f'<html lang="{language}">' in page.text
    assert said in page.text
    assert set(re.findall(r'name="card" value="(\w+)"', page.text)) == set(CARDS)
    assert f'href="http://shop.example.com/back/{setup["id"]}"' in page.text
    assert httpx.get(f"{sandbox.url}/v1/setups/{setup['id']}", verify=PLAIN).json() == setup


def test_the_first_card_given_counts_and_is_one_of_its_own(sandbox: SandboxProcess) -> None:
    setup = _setup(sandbox, "gives", "fr")
    assert httpx.post(setup["url"], data={"card": "4242"}, verify=PLAIN).status_code == 400
    for card in ("card_recovers", "card_ok"):
        sent = httpx.post(setup["url"], data={"card": card}, verify=PLAIN)
        assert (sent.status_code, sent.headers["location"]) == (
            303,
            f"http://shop.example.com/back/{setup['id']}",
        )
    given = httpx.get(f"{sandbox.url}/v1/setups/{setup['id']}", verify=PLAIN).json()
    assert given["method"].startswith("card_recovers.")
    assert "La carte est donnée" in httpx.get(setup["url"], verify=PLAIN).text
    assert httpx.get(f"{sandbox.url}/setup/cs_nobody", verify=PLAIN).status_code == 404


def test_a_session_leads_to_no_script(sandbox: SandboxProcess) -> None:
    refused = _begin(sandbox, "script", {"return_url": "javascript:alert(1)"})
    assert refused.json()["error"]["code"] == "invalid_request"
