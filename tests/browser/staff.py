"""Staff at the console in a real browser: they sign in, act from a page, and the API tells what the audit says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import HEIGHT
from tests.browser.inspection import SHOTS, axe, shot
from tests.support.console import Desk
from tests.support.machines import Serving
from tests.support.shop import Answer, Shop

SCREEN = 800
WIDE, TELEPHONE = 1280, 390


async def enter(page: Page, machine: Serving, role: str = "support", token: str | None = None) -> None:
    """Signs in by a link, as somebody who clicks it."""
    with Desk(machine, role, token) as desk:
        await page.goto(machine.urls["api"] + desk.link())
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("searchbox")).to_be_visible()


async def bottom_of(part: Locator) -> float:
    """Where it ends, in pixels from the top. The page may change by itself meanwhile; then the part in its place counts."""
    box = None
    while box is None:
        await expect(part).to_be_visible()
        box = await part.bounding_box()
    return box["y"] + box["height"]


async def looked_at(page: Page, name: str, *, judged: bool = True) -> None:
    """Judges the page by axe, and photographs it on a desk and on a telephone, if a folder for it is named."""
    if judged:
        await axe(page)
    for width in (TELEPHONE, WIDE) if SHOTS else ():
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        await shot(page, name)
    await page.set_viewport_size({"width": WIDE, "height": SCREEN})


async def act(page: Page, label: str, fields: Mapping[str, str]) -> None:
    """Opens the form of an action, fills it in by its labels, and sends it."""
    button = page.get_by_role("button", name=label, exact=True)
    await page.get_by_text(label, exact=True).first.click()
    form = page.get_by_role("group").filter(has=button)
    for name, value in fields.items():
        await form.get_by_label(name).fill(value)
    await button.click()
    await expect(page.get_by_role("status")).to_contain_text(f"Done: {label}.")


def audited(shop: Shop, about: str, action: str) -> dict[str, Any]:
    """The latest entry of the audit about this, of this action."""
    page = Answer.of(shop.store.get("/v1/ops/audit", role="admin", about=about, limit=20)).ok["data"]
    return next(dict(each) for each in page if each["action"] == action)


def said_of(entry: dict[str, Any]) -> tuple[Any, ...]:
    """Who, in which role, why, before and after."""
    return tuple(entry[name] for name in ("actor", "role", "reason", "before", "after"))
