"""Users as their admin has them: from the e-mail of the active subscription to the last page."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser import mail
from tests.browser.conftest import OpenPage
from tests.browser.inspection import axe, shot
from tests.support.shop import Shop


@pytest.mark.rule("H21", "H22", "X22")
async def test_an_admin_gives_and_takes_back_a_licence_from_the_email(
    shop: Shop, open_page: OpenPage
) -> None:
    subscription = shop.order("anchor-design-premium").buy().subscription.start()
    letter = await open_page("fr", 390)
    await mail.read(letter, shop, "subscription_active", shop.email)
    page = await mail.follow(letter)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Utilisateurs")
    await axe(page)
    await shot(page, "users-1-empty")
    await page.get_by_label("adresse e-mail").fill(f"nina@{shop.id}.example.com")
    await page.get_by_label("Le prénom et le nom").fill("Nina Roy")
    await page.get_by_label("La langue").select_option("anglais")
    await page.get_by_role("button", name="Attribuer une licence").click()
    await expect(page.get_by_role("status")).to_contain_text("Nina Roy")
    await axe(page)
    await shot(page, "users-2-given")
    await page.get_by_role("link", name="Modifier : Nina Roy").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nina Roy")
    await axe(page)
    await shot(page, "users-3-one")
    await page.get_by_role("button", name="Reprendre", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Reprendre la licence 1")
    assert subscription.seats == ["invited"]
    await shot(page, "users-4-warning")
    await page.get_by_role("button", name="Reprendre la licence").click()
    await expect(page.get_by_role("status")).to_contain_text("de nouveau libre")
    assert subscription.seats == ["free"]
    await axe(page)
    await shot(page, "users-5-free")
