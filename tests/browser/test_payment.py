"""A payment as its buyer settles it: from the e-mail to the page of the payment provider, to the bank, and back to what is paid."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser import mail
from tests.browser.conftest import OpenPage
from tests.browser.inspection import axe, shot
from tests.support.shop import Shop


@pytest.mark.rule("X22", "X3")
async def test_a_failed_payment_is_paid_from_its_email_with_another_card_and_the_bank(
    shop: Shop, open_page: OpenPage
) -> None:
    address = f"odile@{shop.id}.example.com"
    buyer = {"email": address, "name": "Odile Marchand", "company": "Marchand SARL", "language": "fr"}
    order = shop.order("anchor-design-premium", buyer=buyer).buy(card="card_insufficient_funds")
    subscription = order.subscription.start()
    letter = await open_page("fr", 390, scripts=False)
    await mail.read(letter, shop, "payment_failed", address)
    await shot(letter, "payment-0-mail")
    page = await mail.follow(letter)
    title = page.get_by_role("heading", level=1)
    await expect(title).to_have_text("Votre paiement n’a pas abouti")
    await shot(page, "payment-1-declined")
    await page.get_by_role("button", name="Utiliser une autre carte").click()
    await expect(title).to_have_text("Choisissez une carte")
    await shot(page, "payment-2-provider")
    await page.get_by_text("card 3ds always").click()
    await page.get_by_role("button", name="Donner cette carte").click()
    await expect(title).to_have_text("Votre banque vous demande une confirmation")
    await shot(page, "payment-3-confirm")
    await page.get_by_role("link", name="Confirmer auprès de ma banque").click()
    await expect(title).to_have_text("Confirmez auprès de votre banque")
    await page.get_by_role("button", name="Confirmer").click()
    await expect(title).to_have_text("C’est payé")
    await expect(page.get_by_role("link", name="Voir mon abonnement")).to_be_visible()
    await shot(page, "payment-4-paid")
    shop.settle()
    assert subscription.charged == [120000]


@pytest.mark.rule("P9")
async def test_the_pages_of_a_payment_and_of_the_provider_can_be_used_by_everybody(
    shop: Shop, open_page: OpenPage
) -> None:
    address = f"paul@{shop.id}.example.com"
    buyer = {"email": address, "name": "Paul Roy", "company": "Roy SARL", "language": "fr"}
    shop.order("anchor-design-premium", buyer=buyer).buy(card="card_declined").subscription.start()
    page = await open_page("fr", 390)
    await page.goto(shop.machine.urls["api"] + shop.link("payment_failed", "payment", address))
    await axe(page)
    await page.get_by_role("button", name="Utiliser une autre carte").click()
    await expect(page).to_have_url(re.compile("/setup/cs_"))
    await axe(page)
    await page.get_by_role("link", name="Retour sans donner de carte").click()
    await expect(page.get_by_role("alert")).to_contain_text("Aucune carte")
    await axe(page)
