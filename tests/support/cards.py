"""A buyer who gives a card: from a page of ours to the page of the payment provider, and back."""

from __future__ import annotations

import re

from tests.support.portal import Guest, Screen


def departed(screen: Screen) -> str:
    """The address of the provider's page, to which the browser goes on."""
    found = re.fullmatch(r"0; url=(\S+)", screen.response.headers["refresh"])
    assert found is not None
    assert found[1] in screen.response.text
    return found[1]


def chosen(guest: Guest, url: str, card: str) -> str:
    """Chooses a card on the provider's page; the path to which the browser is sent back."""
    assert card in guest.shop.bank.http.get(url).text
    sent = guest.shop.bank.http.post(url, data={"card": card}, follow_redirects=False)
    return str(sent.headers["location"]).removeprefix(guest.shop.machine.urls["api"])


def give(guest: Guest, screen: Screen, card: str) -> Screen:
    """Uses another card, from the page of a payment on; the page to which the buyer comes back."""
    away = guest.send(screen, "/card")
    assert away.status == 200, away.text
    return guest.see(chosen(guest, departed(away), card))


def plain(screen: Screen) -> str:
    """The text of a page with its spaces and apostrophes made plain."""
    return screen.text.replace("\u202f", " ").replace("\xa0", " ").replace("’", "'")
