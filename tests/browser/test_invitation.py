"""An invitation as the person has it who was invited, and the page of a link that leads nowhere."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser import mail
from tests.browser.conftest import OpenPage
from tests.browser.inspection import axe, shot
from tests.support.shop import Shop


def invited(shop: Shop, *names: str) -> list[str]:
    """The addresses of people who were invited to the seats of one subscription."""
    order = shop.order({"sku": "anchor-design-premium", "quantity": len(names)}).buy()
    subscription = order.subscription.start()
    addresses = [f"{name}@{shop.id}.example.com" for name in names]
    for address in addresses:
        assert subscription.assign(address).ok
    shop.settle()
    return addresses


@pytest.mark.rule("T3")
async def test_an_invitation_is_accepted_from_its_email_or_says_that_it_expired(
    shop: Shop, open_page: OpenPage
) -> None:
    jean, lise = invited(shop, "jean", "lise")
    letter = await open_page("fr", 390)
    await mail.read(letter, shop, "invitation", jean)
    await shot(letter, "invitation-0-mail")
    page = await mail.follow(letter)
    await axe(page)
    await shot(page, "invitation-1-open")
    await page.get_by_role("button", name="Terminer la création de mon accès").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tout est prêt")
    await axe(page)
    await shot(page, "invitation-2-accepted")
    await mail.read(letter, shop, "invitation", lise)
    late = await mail.follow(letter)
    shop.on("PT72H")
    await late.get_by_role("button", name="Terminer la création de mon accès").click()
    await expect(late.get_by_role("heading", level=1)).to_have_text("Cette invitation a expiré")
    await expect(late.get_by_role("button")).to_have_count(0)
    await axe(late)
    await shot(late, "invitation-3-expired")


@pytest.mark.parametrize(
    ("language", "width", "said"),
    [("fr", 390, "Ce lien ne fonctionne pas"), ("en", 1280, "This link does not work")],
)
async def test_a_wrong_link_says_where_to_turn_in_the_browsers_language(
    shop: Shop, open_page: OpenPage, language: str, width: int, said: str
) -> None:
    page = await open_page(language, width)
    answer = await page.goto(f"{shop.machine.urls['api']}/h/contract/forged")
    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_role("heading", level=1)).to_have_text(said)
    await expect(page.locator("a[href^='mailto:']")).to_have_count(1)
    await axe(page)
    await shot(page, "wrong-link")
