"""The end-use certificate as its buyer fills it in, by the link of the e-mail that asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from jalon.domain.compliance.certificates import QUESTIONS
from jalon.rehearsal.sim.end_use import ANSWERS
from tests.support.forms import Filled
from tests.support.portal import Guest, Screen
from tests.support.shop import Order, Shop

SKU = "survey-office"
TYPED: Mapping[str, str] = {
    key: {True: "yes", False: "no"}.get(answer, answer) for key, answer in ANSWERS.items()
}
"""Acceptable answers as they are typed."""
KEYS = frozenset(question.key for question in QUESTIONS)


def asked(shop: Shop, **cart: object) -> tuple[Order, str]:
    """A placed order that waits for its certificate, and the path of the link to it."""
    order = shop.order(SKU, **cart)
    assert order.place().ok
    shop.settle()
    return order, shop.link("certificate_requested", "certificate")


def send(guest: Guest, screen: Screen, do: str = "send", **typed: str) -> Screen:
    """Fills the form in beyond what it holds, and presses a button."""
    form = Filled.of(screen.response.text)
    fields = {key: text for key, text in (form.values | typed | {"do": do}).items() if text}
    return Screen(guest.browser.post(form.action, data=fields, follow_redirects=True))


def plain(screen: Screen) -> str:
    """The text of a page with its spaces and apostrophes made plain."""
    return screen.text.replace(" ", " ").replace("\xa0", " ").replace("’", "'")
