"""A real browser for the process, and pages of it as a customer would have them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.chromium import launch
from tests.browser.inspection import Faults
from tests.support import shop as shops
from tests.support.machines import Serving
from tests.support.shop import Shop
from tests.support.stores import SandboxStore, StorePool

HEIGHT = 844
PATIENCE = 15_000
LOCALES = {"fr": "fr-FR", "en": "en-GB"}

OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser, one for all tests of this process."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        started = await launch(playwright)
        yield started
        await started.close()


@pytest.fixture
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """`open_page("fr", 390, scripts=False)`: an empty page of a browser that speaks French, as wide as a telephone, without scripts.

    A console's error, a script's or a request that fails, on any page of the test, fails the test.
    """
    faults = Faults()

    async def take(language: str = "fr", width: int = 390, *, scripts: bool = True) -> Page:
        context = await browser.new_context(
            locale=LOCALES[language],
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE)
        faults.watch(context)
        return await context.new_page()

    earlier = set(browser.contexts)
    yield take
    for context in set(browser.contexts) - earlier:
        await context.close()
    assert faults.seen == []


@pytest.fixture(scope="session")
def shop(machine: Serving, pool: StorePool) -> Iterator[Shop]:
    """One `fastening` store for all tests, each with a buyer of its own. Its clock only goes on."""
    opened = shops.shop_of(SandboxStore(pool.take("fastening"), machine.urls["api"], machine.keys), machine)
    opened.to("2026-01-15 10:30")
    yield opened
    shops.close(opened)
    opened.store.close()
