"""An order as its buyer has it: from the e-mail that asks for the certificate, through the form and its mistakes, to the order's page."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.api.web.orders.certificates import TYPED, asked
from tests.browser import mail
from tests.browser.conftest import OpenPage
from tests.browser.inspection import axe, shot
from tests.support.shop import OpenShop


@pytest.mark.rule("T5", "X22")
async def test_a_certificate_is_begun_kept_and_sent_from_its_email(
    open_shop: OpenShop, open_page: OpenPage
) -> None:
    shop = open_shop("geomatics", "2026-01-15 10:30")
    order, _ = asked(shop)
    letter = await open_page("fr", 390)
    await mail.read(letter, shop, "certificate_requested", shop.email)
    await shot(letter, "certificate-0-mail")
    page = await mail.follow(letter)
    await expect(page.get_by_role("group", name="L’acheteur")).to_be_visible()
    await axe(page)
    await shot(page, "certificate-1-open")
    await page.get_by_label("Dénomination légale").fill("Lefèvre SARL")
    await page.get_by_role("group", name="Vous êtes").get_by_label("un revendeur").check()
    await page.get_by_role("button", name="Enregistrer et continuer : L’utilisateur final").click()
    await expect(page.get_by_role("status")).to_contain_text("Rien n’est encore envoyé")
    await expect(page.get_by_role("group", name="L’utilisateur final", exact=True)).to_be_in_viewport()
    await asks_what_applies(page)
    await shot(page, "certificate-2-saved")
    await fill(page)
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page).to_have_title(re.compile(r"^Erreur\s: Certificat"))
    wrong = page.get_by_label("Qui l’utilisera", exact=True)
    await expect(wrong).to_be_focused()
    await expect(wrong).to_have_accessible_description(re.compile("Vous n’êtes pas l’utilisateur final"))
    await axe(page)
    await shot(page, "certificate-3-wrong")
    await wrong.fill("Ville de Lyon")
    await page.get_by_label("Pays de cet utilisateur final").select_option(label="France")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Nous avons votre certificat")
    await axe(page)
    shop.settle()
    await page.get_by_role("link", name="Voir la commande").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Votre commande est complète")
    await axe(page)
    await shot(page, "order-completed")
    assert order.status == "completed"


async def asks_what_applies(page: Page) -> None:
    """Answers make questions apply; what was filled in stays in sight though it applies no more, since it would be sent."""
    whom, where = page.locator("#end_user"), page.locator("#end_user_country")
    region, country = page.locator("#region_of_use"), page.get_by_label("Pays où il sera utilisé")
    role = page.get_by_role("group", name="Vous êtes")
    await expect(whom).to_be_visible()
    await role.get_by_label("l’utilisateur final").check()
    await expect(whom).to_be_hidden()
    await role.get_by_label("un intégrateur").check()
    await whom.fill("Lyon")
    await role.get_by_label("l’utilisateur final").check()
    await expect(whom).to_be_visible()
    await whom.clear()
    await role.get_by_label("l’utilisateur final").focus()
    await expect(where).to_be_hidden()
    await role.get_by_label("un revendeur").check()
    await expect(where).to_be_visible()
    await country.select_option(label="France")
    await expect(region).to_be_hidden()
    await country.select_option(label="Ukraine")
    await expect(region).to_be_visible()


async def fill(page: Page) -> None:
    """Answers everything but who the end user is."""
    for key, text in TYPED.items():
        control = page.locator(f"[name={key}]")
        if key in ("text_version", "role", "legal_name"):
            continue
        if text in ("yes", "no"):
            await control.and_(page.locator(f"[value={text}]")).check()
        elif key == "country_of_use":
            await control.select_option(text)
        else:
            await control.fill(text)
