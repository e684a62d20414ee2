"""Support at the console, in a real browser: keys, results as one types, the answers in the first screen, a page that changes by itself."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.inspection import axe, shot
from tests.support.console import Desk
from tests.support.machines import Serving
from tests.support.shop import Shop

SCREEN = 800
ANSWERS = (
    "Waits for",
    "Whose turn",
    "Until",
    "Paid",
    "Last e-mail",
    "What happens next",
    "Can it be cancelled?",
)


async def enter(page: Page, machine: Serving, role: str = "support") -> None:
    """Signs in by a link, as somebody who clicks it."""
    with Desk(machine, role) as desk:
        await page.goto(machine.urls["api"] + desk.link())
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("searchbox")).to_be_visible()


async def answers_stand_in_the_first_screen(page: Page) -> None:
    """Each answer and its value end above the fold."""
    for answer in ANSWERS:
        term = page.locator("#now dt", has_text=answer).first
        for part in (term, term.locator("xpath=following-sibling::dd").first):
            assert await bottom_of(part) <= SCREEN, answer


async def bottom_of(part: Locator) -> float:
    """Where it ends, in pixels from the top. The page may change by itself meanwhile; then the part in its place counts."""
    box = None
    while box is None:
        await expect(part).to_be_visible()
        box = await part.bounding_box()
    return box["y"] + box["height"]


async def test_support_finds_an_order_answers_and_cancels_it(
    open_page: OpenPage, machine: Serving, shop: Shop
) -> None:
    order = shop.order("anchor-design-premium").buy()
    page = await open_page("en", 1280)
    await page.set_viewport_size({"width": 1280, "height": SCREEN})
    await enter(page, machine)
    await axe(page)

    await page.keyboard.press("/")
    await page.keyboard.type(order["number"])
    found = page.locator("#results a", has_text=order["number"]).first
    await expect(found).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#results a").first).to_be_focused()
    await page.goto(f"{machine.urls['api']}/console/orders/{order.id}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(order["number"])
    await expect(page.locator(".say [lang=fr]")).to_contain_text("La commande")
    await answers_stand_in_the_first_screen(page)
    await axe(page)
    await shot(page, "console-order")

    await page.locator("#story summary").first.click()
    assert order.subscription.activate().ok
    await expect(page.locator("#story")).to_contain_text("Activate", timeout=15_000)

    await page.get_by_text("Cancel the order", exact=True).first.click()
    await page.get_by_label("Reason").first.fill("The customer changed their mind.")
    await page.get_by_role("button", name="Cancel the order").click()
    await expect(page.get_by_role("status")).to_contain_text("Done: Cancel the order.")
    await expect(page.locator("#now .standing")).to_have_text("cancelled")
    await answers_stand_in_the_first_screen(page)


async def test_an_active_subscription_is_answered_in_the_first_screen(
    open_page: OpenPage, machine: Serving, shop: Shop
) -> None:
    line = shop.order("anchor-design-premium").buy().subscription.start()
    page = await open_page("en", 1280)
    await page.set_viewport_size({"width": 1280, "height": SCREEN})
    await enter(page, machine)
    await page.goto(f"{machine.urls['api']}/console/subscriptions/{line.id}")
    await expect(page.locator("#now .standing")).to_have_text("active")
    await answers_stand_in_the_first_screen(page)
    await page.set_viewport_size({"width": 390, "height": 844})
    await axe(page)
