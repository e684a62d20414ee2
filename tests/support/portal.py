"""A person at the portal, with a browser that keeps cookies and runs no script."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from types import TracebackType
from typing import LiteralString, Self

import httpx
import psycopg

from tests.support.plain import PLAIN
from tests.support.shop import Shop, eventually
from tests.support.world import turns


@dataclass
class Screen:
    """What the browser shows after a request."""

    response: httpx.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """The text of the page, without its markup."""
        shown = re.sub(r"<title>.*?</title>", " ", self.response.text, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())

    @property
    def forms(self) -> dict[str, dict[str, str]]:
        """The hidden and prefilled fields of each form, by the path to which it is posted."""
        found = {}
        for form in re.findall(r"<form.*?</form>", self.response.text, flags=re.DOTALL):
            (action,) = re.findall(r'<form[^>]*action="([^"]+)"', form)
            fields = {}
            for tag in re.findall(r"<input[^>]*>", form):
                name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
                if name:
                    fields[name[1]] = unescape(value[1]) if value else ""
            found[unescape(action)] = fields
        return found

    @property
    def links(self) -> set[str]:
        """The paths that the page leads to."""
        return {unescape(each) for each in re.findall(r'<a [^>]*href="(/[^"]*)"', self.response.text)}


@dataclass
class Guest:
    """A person at the portal of a store, on the site of a country."""

    shop: Shop
    country: str = "FR"
    email: str = ""
    browser: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.email = self.email or self.shop.email
        self.browser = httpx.Client(base_url=self.shop.machine.urls["api"], timeout=60, verify=PLAIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.browser.close()

    @property
    def base(self) -> str:
        return f"/portal/{self.shop.id}/{self.country}"

    def see(self, path: str = "") -> Screen:
        """Opens a page of the portal, or any path that begins with a slash."""
        where = path if path.startswith(("/portal/", "/h/")) else self.base + path
        return Screen(self.browser.get(where, follow_redirects=True))

    def send(self, screen: Screen, action: str, **fields: str) -> Screen:
        """Fills in the form of this address, or of its end, and sends it."""
        (path,) = [each for each in screen.forms if each == action or each.endswith(action)]
        filled = screen.forms[path] | fields
        return Screen(self.browser.post(path, data=filled, follow_redirects=True))

    def sign(self, screen: Screen) -> Screen:
        """Takes every step of a contract's page; the way into the portal that stands there at the end is no step."""
        for _ in turns("the contract is signed", 5):
            steps = [each for each in screen.forms if not each.endswith("/portal")]
            if not steps:
                break
            (action,) = steps
            screen = self.send(screen, action, signer_name="Ana Lefèvre", consent="yes")
        return screen

    def codes(self) -> list[str]:
        """The codes that arrived at the address, oldest first."""
        subjects = [each["subject"] for each in self.shop.mails("sign_in_code", self.email)]
        return [digits for subject in subjects for digits in re.findall(r"\b\d{8}\b", subject)]

    def code_after(self, count: int) -> str:
        """The latest code, once more than `count` have arrived."""
        eventually(lambda: len(self.codes()) > count, "a code")
        return self.codes()[-1]

    def ask(self, then: str = "") -> tuple[Screen, str]:
        """Asks for a code; the page that takes it, and the code."""
        before, first = len(self.codes()), self.see(then)
        page = self.send(first, "/code", email=self.email)
        return page, self.code_after(before)

    def sign_in(self, then: str = "") -> Screen:
        """Signs in and goes on to the page that was asked for."""
        page, code = self.ask(then)
        return self.send(page, "/session", code=code)

    def let_the_code_age(self, age: timedelta = timedelta(minutes=31)) -> None:
        """As if the last code had been given so long ago."""
        self._own(
            "update portal_session set signed_in_at = clock_timestamp() - %s where signed_in_at is not null",
            age,
        )

    def let_the_sent_code_age(self, age: timedelta) -> None:
        """As if the last code had been sent so long ago."""
        shifts = "created_at - (select max(created_at) from sign_in_code) + clock_timestamp() - %s"
        self._own(f"update sign_in_code set created_at = {shifts}", age)

    def _own(self, statement: LiteralString, *given: object) -> None:
        with psycopg.connect(self.shop.machine.owner_url.replace("+psycopg", ""), autocommit=True) as owner:
            owner.execute("select set_config('app.stores', %s, false)", [self.shop.id])
            owner.execute(statement, given)
