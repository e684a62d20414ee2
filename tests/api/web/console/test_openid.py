"""In production staff sign in at the installation's identity provider, whose claim grants their roles and stores."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from joserfc.jwk import RSAKey

from api.app import build
from api.web.hosted.pages import Pages
from jalon.bootstrap import Installation, open_resources
from tests.support.identity import CLIENT, SECRET, House, open_house
from tests.support.machines import Serving
from tests.support.stores import StorePool, files_of

HERE = "http://127.0.0.1"
ROLES = {
    "desk": {"role": "support", "stores": ["*"]},
    "night": {"role": "ops", "stores": ["somewhere"]},
    "night-fr": {"role": "ops", "stores": ["elsewhere"]},
}
SALOME = {"email": "salome@vendor.example", "email_verified": True, "groups": ["staff", "desk"]}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        opened.person = dict(SALOME)
        yield opened


@pytest.fixture
async def browser(
    machine: Serving,
    pool: StorePool,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at an API of this process, on the machine's database, that trusts the provider."""
    served = files_of(machine.stores_dir, [pool.take("fastening")], tmp_path_factory.mktemp("stores"))
    settings = dict(machine.environment) | {
        "JALON_STORES_DIR": str(served),
        "JALON_PUBLIC_URL": HERE,
        "JALON_OIDC_ISSUER": house.issuer,
        "JALON_OIDC_CLIENT_ID": CLIENT,
        "JALON_OIDC_CLIENT_SECRET": SECRET,
        "JALON_OIDC_ROLES": json.dumps(ROLES),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("JALON_METRICS_PORT", raising=False)
    installation = Installation.read()
    app = build(lambda: open_resources(installation), Pages(installation.settings.templates_dir))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        here = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HERE)
        yield await stack.enter_async_context(here)


async def to_the_provider(browser: httpx.AsyncClient, then: str = "") -> str:
    """The address with which the provider sends the browser back."""
    begun = await browser.get("/console/openid", params={"then": then})
    assert begun.status_code == 303, begun.text
    async with httpx.AsyncClient() as outside:
        granted = await outside.get(begun.headers["location"])
    return granted.headers["location"]


async def test_a_member_of_staff_enters_in_the_role_of_their_group(
    browser: httpx.AsyncClient, house: House
) -> None:
    assert "Continue to sign-in" in (await browser.get("/console")).text
    back = await to_the_provider(browser, "/console/search?q=x")
    entered = await browser.get(back)
    assert (entered.status_code, entered.headers["location"]) == (303, "/console/search?q=x")
    assert "salome@vendor.example" in (await browser.get("/console")).text
    assert (await browser.get(back)).status_code != 303, "a code and its state open once"

    browser.cookies.clear()
    house.person |= {"groups": ["desk", "night", "night-fr"]}
    choice = await browser.get(await to_the_provider(browser))
    assert "In which role do you work now?" in choice.text
    (ops,) = re.findall(r'action="([^"]+)"><button class="quiet" type="submit">Ops', choice.text)
    assert (await browser.post(ops)).status_code == 303
    assert ">Ops<" in (await browser.get("/console")).text


REFUSED: list[tuple[dict[str, object], dict[str, object], int]] = [
    ({"groups": ["staff"]}, {}, 403),
    ({"groups": None}, {}, 403),
    ({"email_verified": False}, {}, 403),
    ({"email": None}, {}, 403),
    ({}, {"nonce": "another"}, 502),
    ({}, {"aud": "another"}, 502),
    ({}, {"iss": "https://another.example"}, 502),
    ({}, {"exp": 1_600_000_000}, 502),
]


async def test_nobody_enters_by_a_token_that_is_not_for_them_here_and_now(
    browser: httpx.AsyncClient, house: House
) -> None:
    for person, wrong, status in REFUSED:
        house.person, house.wrong = SALOME | person, wrong
        refused = await browser.get(await to_the_provider(browser))
        assert refused.status_code == status, (person, wrong)
        assert "jalon_console=" not in refused.headers.get("set-cookie", "")
        assert "Reference " in refused.text
    house.person, house.wrong = dict(SALOME), {}
    back = await to_the_provider(browser)
    browser.cookies.clear()
    assert (await browser.get(back)).status_code == 400, "a state of another browser"
    house.stranger = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
    assert (await browser.get(await to_the_provider(browser))).status_code == 502, "a key of another provider"
