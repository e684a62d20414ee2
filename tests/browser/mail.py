"""A person's e-mails, read in the mailbox with a browser."""

from __future__ import annotations

import httpx
from playwright.async_api import Page

from tests.support.shop import Shop

LINKS = "a[href*='/h/']"


async def read(page: Page, shop: Shop, template: str, to: str) -> None:
    """Opens the latest e-mail of that name to that person."""
    number = shop.mails(template, to)[-1]["id"]
    await page.goto(str(httpx.URL(shop.machine.urls["mailbox"]).join(f"/messages/{number}/html")))


async def follow(page: Page) -> Page:
    """The page behind the e-mail's button, in the new tab that the click opens."""
    async with page.context.expect_page() as opened:
        await page.locator(LINKS).first.click()
    return await opened.value
