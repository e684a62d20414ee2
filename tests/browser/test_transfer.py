"""The administration as it passes on: from the admin's page at the portal to the page behind the new person's e-mail."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser import mail
from tests.browser.conftest import OpenPage
from tests.browser.inspection import axe, shot
from tests.browser.test_contract import bought
from tests.support.shop import Shop, eventually


async def sign_in(page: Page, shop: Shop, email: str) -> None:
    """Signs in at the portal."""
    await page.goto(f"{shop.machine.urls['api']}/portal/{shop.id}/FR")
    await page.get_by_label("Votre adresse e-mail").fill(email)
    await page.get_by_role("button", name="Recevoir un code").click()
    code = page.get_by_label("Le code")
    await expect(code).to_be_visible()
    eventually(lambda: bool(shop.mails("sign_in_code", email)), "a code")
    (digits,) = re.findall(r"\b\d{8}\b", shop.mails("sign_in_code", email)[-1]["subject"])
    await code.fill(digits)
    await page.get_by_role("button", name="Se connecter").click()


@pytest.mark.rule("H13", "H14", "X11")
async def test_an_admin_asks_somebody_new_who_accepts_from_the_e_mail(
    shop: Shop, open_page: OpenPage
) -> None:
    subscription, clara = bought(shop, "anchor-design-premium", "clara")
    subscription.start()
    noe = f"noe@{shop.id}.example.com"
    page = await open_page("fr", 390)
    await sign_in(page, shop, clara)
    await page.get_by_role("link", name="Prêt à l’emploi").click()
    await page.get_by_role("link", name="Transmettre la gestion").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Qui doit gérer cet abonnement ?")
    await axe(page)
    await shot(page, "transfer-1-choose")
    await page.get_by_label("Son adresse e-mail").fill(noe)
    await page.get_by_label("Son nom").fill("Noé Petit")
    await page.get_by_label("La langue").select_option("Français")
    await page.get_by_role("button", name="Continuer avec cette personne").click()
    await axe(page)
    await shot(page, "transfer-2-check")
    await page.get_by_role("button", name="Proposer à cette personne").click()
    await expect(page.get_by_role("status")).to_contain_text("Rien ne change avant")
    await axe(page)
    await shot(page, "transfer-3-pending")
    shop.settle()
    letter = await open_page("fr", 390)
    await mail.read(letter, shop, "admin_transfer_pending", noe)
    await shot(letter, "transfer-4-mail")
    offer = await mail.follow(letter)
    await axe(offer)
    await shot(offer, "transfer-5-open")
    await offer.get_by_role("button", name="Accepter et prendre la suite").click()
    await expect(offer.get_by_role("heading", level=1)).to_have_text("Vous avez pris la suite")
    await axe(offer)
    await shot(offer, "transfer-6-accepted")
    shop.settle()
    await mail.read(letter, shop, "contract_ready", clara)
    former = await mail.follow(letter)
    await expect(former.get_by_role("heading", level=1)).to_have_text("Vous ne gérez plus cet abonnement")
    await axe(former)
    await shot(former, "transfer-7-passed-on")
