"""Hosted pages, as a browser without scripts shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from tests.support.shop import Shop


@dataclass
class Page:
    """A hosted page as a browser shows it."""

    shop: Shop
    path: str
    response: httpx.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """The text of the page, without its markup."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.response.text)).split())

    @property
    def form(self) -> tuple[str, dict[str, str]]:
        """The address to which the page's only form of a step is posted, and its hidden fields."""
        (form,) = re.findall(r'<form class="step".*?</form>', self.response.text, flags=re.DOTALL)
        (action,) = re.findall(r'<form[^>]*action="([^"]+)"', form)
        hidden = {}
        for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', form):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            assert name is not None
            assert value is not None
            hidden[name[1]] = unescape(value[1])
        return unescape(action), hidden

    @property
    def has_form(self) -> bool:
        """Whether the page asks for something to be done; the way to another page is not meant."""
        return '<form class="step"' in self.response.text

    def send(self, **fields: str) -> Page:
        """Fills the form in and sends it. Returns the next page."""
        action, hidden = self.form
        response = self.shop.browser.post(action, data=hidden | fields, follow_redirects=True)
        return Page(self.shop, self.path, response)
