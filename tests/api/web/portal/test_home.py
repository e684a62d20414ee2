"""The list of the portal: everything of its person, page by page, with the next date of each subscription (P2, P13)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from api.web.portal.page_models import HomePage, Listed
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.projections import SubscriptionProjection
from jalon.domain.statuses import SubscriptionStatus
from tests.api.web.hosted.test_pages import PAGES
from tests.browser.portal_samples import BASE, GIVEN, PENDING, RUNNING
from tests.jalon.integrations.mail.samples import PLACED, STORE
from tests.support.portal import Guest
from tests.support.shop import OpenShop

EMPTY = HomePage("en", STORE, BASE, "Ana Lefèvre", "ana@example.com", PLACED)
NOTHING = "There is nothing under this address"


def card_of(subscription: SubscriptionProjection) -> str:
    """The page that lists this subscription."""
    listed = Listed(f"{BASE}/1", subscription=subscription, milestones=SUBSCRIPTION.milestones(subscription))
    return PAGES.show(replace(EMPTY, subscriptions=(listed,)))


@pytest.mark.rule("P2", "P13")
def test_a_completed_order_stays_listed_and_an_open_one_is_found_behind_fifty(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    bought = shop.order("drafting-light").buy()
    oldest = shop.order("drafting-light")
    with ThreadPoolExecutor(5) as several, Guest(shop) as ana:
        younger = list(several.map(lambda _: shop.order("drafting-light"), range(50)))
        first = ana.sign_in()
        assert (bought["number"] in first.text, oldest["number"] in first.text) == (True, False)
        (older,) = [each for each in first.links if "?orders_after=" in each]
        assert oldest["number"] in ana.see(older).text
        assert all(each.ok for each in several.map(lambda each: each.cancel(), younger))
        shown = ana.see().text
        assert oldest["number"] in shown
        assert bought["number"] in shown
        assert younger[0]["number"] not in shown


def test_a_page_without_subscriptions_leads_to_older_ones_and_does_not_say_that_there_are_none() -> None:
    shown = PAGES.show(replace(EMPTY, more=f"{BASE}?after=sub_1", is_paged=True))
    assert f'href="{BASE}?after=sub_1"' in shown
    assert NOTHING not in shown
    assert NOTHING in PAGES.show(EMPTY)


@pytest.mark.rule("P2")
def test_a_card_shows_the_pole_the_next_date_and_the_licences_given() -> None:
    shown = card_of(replace(RUNNING, seats=GIVEN[:2]))
    assert "Next: Renewal can be stopped, until" in shown
    assert shown.count('<i class="reached">') == 2
    assert "Users: 2 of 3 licences given" in shown
    assert "licences given" not in card_of(PENDING)
    purged = replace(
        RUNNING,
        status=SubscriptionStatus.PURGED,
        next_renewal_at=None,
        ended_at=PLACED,
        retained_until=PLACED,
    )
    assert "Next" not in card_of(purged)
