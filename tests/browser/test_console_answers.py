"""What a customer asks is answered at the top of the console's page, in whatever state their order or subscription is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.inspection import axe, shot
from tests.browser.staff import SCREEN, bottom_of, enter
from tests.support.shop import Answer, Entity, OpenShop, Shop

QUESTIONS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "Waits for": lambda told: told["waits"] and told["waits"]["words"],
    "Whose turn": lambda told: told["waits"] and told["waits"]["turn_words"],
    "Until": lambda told: told["waits"] and told["waits"]["until_words"],
    "Paid": lambda told: told["paid"]["words"],
    "Last e-mail": lambda told: told["mail"] and told["mail"]["words"],
    "What happens next": lambda told: told["next"]["words"],
    "Can it be cancelled?": lambda told: told["cancel"]["words"],
}
"""What a customer asks, with the answer that the API gives. None where there is nothing of the kind."""


def ordered(open_shop: OpenShop) -> Iterator[tuple[str, Entity]]:
    """An order in each state that its customer may call in, and its subscription."""
    shop = open_shop("geomatics", "2026-03-02 10:00")
    yield "a cart", shop.order("survey-office")
    asked = shop.order("survey-office")
    assert asked.place().ok
    shop.settle()
    yield "waits for a certificate", asked
    held = shop.order("survey-office")
    assert held.place().ok
    assert held.certify(state_owned=True).ok
    shop.settle()
    yield "on export hold", held
    declined = shop.order("survey-office")
    assert declined.certify().ok
    declined.place(card="card_insufficient_funds")
    shop.settle()
    yield "declined", declined
    stopped = shop.order("survey-office")
    shop.bank.fault("refuse_400", match={"entity": stopped.id}, count=1, code="merchant_suspended")
    stopped.buy()
    yield "stopped", stopped
    cancelled = shop.order("survey-office")
    assert cancelled.certify(state_owned=True).ok
    assert cancelled.place().ok
    shop.settle()
    assert cancelled.cancel().ok
    shop.settle()
    yield "cancelled", cancelled


def subscribed(open_shop: OpenShop) -> Iterator[tuple[str, Entity]]:
    """A subscription in each state that its customer may call in."""
    shop = open_shop("fastening", "2026-01-15 10:30")
    yield "waits for its contract to be read", _begun(shop)
    clicked = _begun(shop)
    assert clicked.activate().ok
    shop.settle()
    yield "waits for a signature", clicked
    active = _begun(shop).start()
    yield "active", active
    ending = _begun(shop).start()
    assert ending.stop().ok
    shop.settle()
    yield "to end", ending


def _begun(shop: Shop) -> Any:
    return shop.order("anchor-design-premium").buy().subscription


async def test_what_a_customer_asks_is_answered_before_anybody_scrolls(
    open_shop: OpenShop, open_page: OpenPage
) -> None:
    page = await open_page("en", 1280)
    seen: list[str] = []
    await page.set_viewport_size({"width": 1280, "height": SCREEN})
    for states in (ordered, subscribed):
        for state, entity in states(open_shop):
            if not seen:
                await enter(page, entity.shop.machine)
            await answers(page, entity)
            await shot(page, f"console-{state.replace(' ', '-')}")
            seen.append(state)
    assert len(seen) == 10
    await axe(page)


async def answers(page: Page, entity: Entity) -> None:
    """Checks that each answer of the API stands on the page, under its question, above the fold."""
    told = Answer.of(entity.shop.store.get(f"/v1/support/entities/{entity.id}", role="support")).ok
    await page.goto(f"{entity.shop.machine.urls['api']}/console/{entity.kind}s/{entity.id}")
    for question, answer in QUESTIONS.items():
        asked = page.locator("#now div", has=page.get_by_text(question, exact=True)).last
        said = asked.locator("dd").first
        await expect(said).to_be_visible()
        if words := answer(told):
            await expect(said).to_contain_text(words)
        assert 0 < await bottom_of(said) <= SCREEN, f"{question} of {entity.id}"
