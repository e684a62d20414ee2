"""What a test does with a page beside using it: judges whether everybody can use it, photographs it, and notices what fails on it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Error, Page, Request, Response, WebError

from tests.browser.chromium import NPM

SHOTS = os.environ.get("JALON_TEST_SHOTS")
"""The folder into which tests photograph pages; unset, they do not."""
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
BEST_PRACTICE = "best-practice"
CONTRAST = "color-contrast"
RUN = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations'], iframes: false, preload: false})"
GIVEN_UP = "net::ERR_ABORTED"
"""What is said of a request whose page was left before it was answered."""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@cache
def _axe() -> str:
    return (NPM / "node_modules" / "axe-core" / "axe.min.js").read_text()


async def axe(page: Page, *, best_practice: bool = True) -> None:
    """Fails where the page has a fault."""
    found = await faults(page, best_practice=best_practice)
    assert not found, "\n".join([f"{page.url} ({await page.title()})", *found])


async def faults(page: Page, *, best_practice: bool = True) -> list[str]:
    """Where the page breaks a rule of WCAG 2.2 AA that axe knows, in its light or dark colours, or scrolls sideways.

    What a frame shows is not judged, nor can axe run in a page that its server seals: set the content of either into a page of its own.
    An e-mail is no page with landmarks: `best_practice` is not for it.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_axe())
    found = await _violations(page, [*WCAG, *([BEST_PRACTICE] if best_practice else [])])
    await page.emulate_media(color_scheme="dark")
    found += [f"in the dark: {each}" for each in await _violations(page, [CONTRAST])]
    await page.emulate_media(color_scheme="light")
    if (beyond := await page.evaluate(SIDEWAYS)) > 0:
        found.append(f"reflow: the page is {beyond} px wider than the window")
    return found


async def _violations(page: Page, rules: list[str]) -> list[str]:
    """What axe finds, one line for each place."""
    result: dict[str, Any] = await page.evaluate(RUN, rules)
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


async def shot(page: Page, name: str) -> None:
    """Photographs the whole page as `NAME-WIDTH.png`, if a folder for it is named."""
    if SHOTS is None:
        return
    width = page.viewport_size["width"] if page.viewport_size else 0
    await photograph(page, Path(SHOTS) / f"{name}-{width}.png")


async def photograph(page: Page, file: Path) -> None:
    """Writes a picture of the whole page, seen from its top. A frame is painted once it was in the window."""
    for frame in await page.locator("iframe").all():
        await frame.scroll_into_view_if_needed()
    await page.evaluate("window.scrollTo(0, 0)")
    await page.screenshot(path=file, full_page=True)


class Faults:
    """What failed on any page of some contexts: scripts, the console's errors, requests, and every answer but a page's own below 500."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Notices what fails from here on."""
        context.on("console", self._said)
        context.on("weberror", self._threw)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # The console repeats every answer from 400 on, which `_answered` judges.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.seen.append(f"{message.type}: {message.text}")

    def _threw(self, error: WebError) -> None:
        self.seen.append(f"script: {error.error}")

    def _failed(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self.seen.append(f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= (500 if _shows_a_page(response.request) else 400):
            self.seen.append(f"{response.request.method} {response.url}: {response.status}")


def _shows_a_page(request: Request) -> bool:
    """Whether the answer is what a tab shows, and not a frame on it or a file that it needs."""
    if not request.is_navigation_request():
        return False
    try:
        return request.frame.parent_frame is None
    except Error:  # a tab that is being opened
        return True
