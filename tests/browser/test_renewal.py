"""The renewal as its admin stops it and switches it on again: from the e-mail of the notice, and from that of the stop."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser import mail
from tests.browser.conftest import OpenPage
from tests.browser.inspection import axe, shot
from tests.browser.test_contract import bought
from tests.support.shop import OpenShop


@pytest.mark.rule("H24", "X22")
async def test_a_renewal_is_stopped_after_a_reason_and_one_warning_and_switched_on_again(
    open_shop: OpenShop, open_page: OpenPage
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription, bob = bought(shop, "anchor-design-premium", "bob", "en")
    subscription.start()
    shop.to("2026-12-20 10:00")
    letter = await open_page("en", 1280)
    await mail.read(letter, shop, "renewal_notice", bob)
    page = await mail.follow(letter)
    title, reason = page.get_by_role("heading", level=1), page.get_by_label("Your reason")
    await axe(page)
    await shot(page, "renewal-1-renews")
    await page.get_by_role("link", name="Stop the renewal").click()
    await expect(title).to_have_text("Why do you stop the renewal?")
    await axe(page)
    await page.get_by_role("button", name="Continue").click()
    await expect(reason).to_be_focused()
    await reason.fill("The project is over")
    await shot(page, "renewal-2-reason")
    await page.get_by_role("button", name="Continue").click()
    await expect(title).to_have_text("Stop the renewal?")
    await expect(page.get_by_text("You and your users can use")).to_contain_text("14 January 2027")
    await axe(page)
    await shot(page, "renewal-3-warning")
    assert "renewal_stopped" not in subscription.events
    await page.get_by_role("button", name="Cancel the subscription").click()
    await expect(page.get_by_role("status")).to_contain_text("The renewal is stopped.")
    await axe(page)
    await shot(page, "renewal-4-stopped")
    shop.settle()
    assert "renewal_stopped" in subscription.events
    await mail.read(letter, shop, "renewal_stopped", bob)
    again = await mail.follow(letter)
    await again.get_by_role("button", name="Switch the renewal on again").click()
    await expect(again.get_by_role("status")).to_contain_text("The renewal is switched on again.")
    await axe(again)
    await shot(again, "renewal-5-resumed")
    assert (subscription["stop_requested_at"], subscription["next_renewal_at"] is not None) == (None, True)
