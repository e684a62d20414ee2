"""The contract as its buyer has it: from the e-mail through reading and activating to the signature, or to an order that lapsed."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import mail
from tests.browser.conftest import HEIGHT, OpenPage
from tests.browser.inspection import axe, shot
from tests.support.shop import Shop, Subscription

MOST_STOPS = 12
RING = "() => getComputedStyle(document.activeElement).outlineStyle"


def bought(shop: Shop, sku: str, name: str, language: str = "fr") -> tuple[Subscription, str]:
    """A subscription that waits for its contract, and its buyer's address."""
    address = f"{name}@{shop.id}.example.com"
    buyer = {"email": address, "name": name.title(), "company": "Lefèvre SARL", "language": language}
    return shop.order(sku, buyer=buyer).buy().subscription, address


async def tab_to(page: Page, control: Locator) -> None:
    """Moves on by the Tab key until the control has the focus, and the focus is seen at every stop."""
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.tagName") != "IFRAME":
            assert await page.evaluate(RING) != "none"
        if await control.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"{control} is not reached by {MOST_STOPS} stops")


async def press(page: Page, name: str) -> None:
    """Presses the button of this name by keyboard, coming from the top of the page."""
    button = page.get_by_role("button", name=name)
    await tab_to(page, button)
    await page.keyboard.press("Enter")


async def edges(control: Locator) -> tuple[float, float, float, float]:
    """Where it is on the page: left, top, right, bottom."""
    box = await control.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


async def stands_beside(page: Page) -> None:
    """The form stands right of the document, which is the wider one, and both are in the window at once."""
    document, form = page.locator("iframe"), page.locator("form.step")
    left, top, right, _ = await edges(document)
    begins, first, ends, last = await edges(form)
    assert right < begins, "the form stands below the document"
    assert right - left > 1.5 * (ends - begins)
    assert top < last
    assert first < HEIGHT
    await page.locator("dl.facts").scroll_into_view_if_needed()
    await expect(document).to_be_in_viewport()


async def stands_soon_below(page: Page) -> None:
    """The form begins within half a screen of the end of the document, which does not fill the screen itself."""
    _, top, _, bottom = await edges(page.locator("iframe"))
    _, begins, _, _ = await edges(page.locator("form.step"))
    assert bottom - top < 0.6 * HEIGHT
    assert bottom < begins < bottom + 0.5 * HEIGHT


@pytest.mark.rule("P6", "H4")
async def test_a_contract_is_read_activated_and_signed_by_keyboard_alone(
    shop: Shop, open_page: OpenPage
) -> None:
    subscription, ana = bought(shop, "anchor-design-premium", "ana")
    letter = await open_page("fr", 390)
    await mail.read(letter, shop, "contract_ready", ana)
    await shot(letter, "contract-0-mail")
    page = await mail.follow(letter)
    await expect(page).to_have_title(re.compile(r"^Étape 1 sur 3\s: lisez le contrat"))
    await stands_soon_below(page)
    await axe(page)
    await shot(page, "contract-1-read")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Aller au contenu")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await press(page, "J’ai lu le contrat")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Étape 2 sur 3 : activez")
    await shot(page, "contract-2-activate")
    await press(page, "Activer")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Étape 3 sur 3 : signez le contrat")
    await sign_by_keyboard(page, subscription)
    shop.settle()
    await page.reload()
    await expect(page).to_have_title(re.compile(r"^Votre abonnement .+ est actif$"))
    await axe(page)
    await shot(page, "contract-5-active")
    assert subscription.status == "active"


async def sign_by_keyboard(page: Page, subscription: Subscription) -> None:
    """Fills the form in, once with a name that is none."""
    name, role = page.get_by_label("Votre nom"), page.get_by_label("Votre fonction")
    consent = page.get_by_role("checkbox")
    await shot(page, "contract-3-sign")
    await tab_to(page, name)
    await page.keyboard.type(" ")
    await tab_to(page, role)
    await page.keyboard.type("Gérante")
    await tab_to(page, consent)
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page).to_have_title(re.compile(r"^Erreur\s: Étape 3"))
    await expect(name).to_be_focused()
    await expect(name).to_have_accessible_description("Indiquez votre nom.")
    await expect(role).to_have_value("Gérante")
    await expect(consent).to_be_checked()
    await axe(page)
    await shot(page, "contract-4-error")
    assert subscription["waiting_for"] == "buyer_sign"
    await page.keyboard.press("Control+A")
    await page.keyboard.type("Ana Lefèvre")
    await page.keyboard.press("Enter")
    await expect(name).to_be_hidden()


async def test_in_english_on_a_wide_window_each_error_leads_to_its_field(
    shop: Shop, open_page: OpenPage
) -> None:
    subscription, bob = bought(shop, "profile-design", "bob", "en")
    letter = await open_page("en", 1280)
    await mail.read(letter, shop, "contract_ready", bob)
    page = await mail.follow(letter)
    await stands_beside(page)
    await shot(page, "english-1-read")
    await page.get_by_role("button", name="I have read the contract").click()
    signing = page.get_by_role("button", name="Activate and sign")
    await expect(signing).to_be_visible()
    await stands_beside(page)
    await page.locator("form").evaluate("form => form.noValidate = true")
    await signing.click()
    await expect(page).to_have_title(re.compile(r"^Error: Step 2 of 2: activate and sign"))
    alert = page.get_by_role("alert")
    for said, field in (
        ("Write your name.", page.get_by_label("Your name")),
        ("Tick the box to accept the contract.", page.get_by_role("checkbox")),
    ):
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(field).to_have_accessible_description(said)
        await alert.get_by_role("link", name=said).click()
        await expect(field).to_be_focused()
    await axe(page)
    await shot(page, "english-2-errors")
    await read_terms(page)
    await page.get_by_label("Your name").fill("Bob Hill")
    await page.get_by_role("checkbox").check()
    await signing.click()
    await expect(signing).to_have_count(0)
    shop.settle()
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Profile Design is active")
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="The signed contract").click()
    copy = await opened.value
    await expect(copy.locator("body")).to_contain_text("Bob Hill")
    await shot(copy, "english-4-copy")
    assert subscription.status == "active"


async def read_terms(page: Page) -> None:
    """Opens the terms that the tick box names, and reads them in the other language too."""
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="General terms, version 2025-06").click()
    terms = await opened.value
    await expect(terms.get_by_role("heading", level=1)).to_have_text("Subscription and service agreement")
    await axe(terms)
    await shot(terms, "english-3-terms")
    await terms.get_by_role("link", name="Lire en français").click()
    await expect(terms.get_by_role("heading", level=1)).to_have_text("Contrat d’abonnement et de service")
    await axe(terms)


async def test_without_scripts_a_contract_is_signed_all_the_same(shop: Shop, open_page: OpenPage) -> None:
    subscription, eve = bought(shop, "anchor-design-standard", "eve")
    letter = await open_page("fr", 390, scripts=False)
    await mail.read(letter, shop, "contract_ready", eve)
    page = await mail.follow(letter)
    await expect(page.frame_locator("iframe").locator("h1")).to_be_visible()
    for button in ("J’ai lu le contrat", "Activer"):
        await page.get_by_role("button", name=button).click()

    await page.get_by_label("Votre nom").fill("Eve Martin")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Signer le contrat").click()
    await expect(page.locator("form.step")).to_have_count(0)
    shop.settle()
    assert subscription.status == "active"


@pytest.mark.rule("P5")
async def test_a_contract_that_nobody_signs_lapses_and_its_page_says_so(
    shop: Shop, open_page: OpenPage
) -> None:
    _, max_ = bought(shop, "anchor-design-standard", "max")
    letter = await open_page("fr", 390)
    await mail.read(letter, shop, "contract_ready", max_)
    page = await mail.follow(letter)
    shop.on("P91D")
    await page.get_by_role("button", name="J’ai lu le contrat").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Le délai d’activation est passé")
    await expect(page.get_by_text("Rien n’a été débité et rien ne le sera.")).to_be_visible()
    await expect(page.get_by_role("button")).to_have_count(0)
    await axe(page)
    await shot(page, "contract-6-lapsed")
