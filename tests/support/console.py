"""A member of staff at the console, with a browser that keeps cookies and runs no script."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from jalon.client import operations
from jalon.client.sync import Client
from tests.support.machines import Serving
from tests.support.plain import PLAIN
from tests.support.portal import Screen


@dataclass
class Desk:
    """A member of staff with the key `token`, else the local person of this role."""

    machine: Serving
    role: str = "support"
    token: str | None = None
    language: str = "en"
    browser: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.browser = httpx.Client(
            base_url=self.machine.urls["api"],
            timeout=60,
            verify=PLAIN,
            headers={"Accept-Language": self.language},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.browser.close()

    def link(self) -> str:
        """The path of a new link that signs them in."""
        with Client(self.machine.urls["api"], self.token or self.machine.keys[self.role]) as client:
            url = client.send(operations.sign_in_link())["url"]
        assert url is not None
        return url.removeprefix(self.machine.urls["api"])

    def enter(self) -> Self:
        """Signs in."""
        screen = self.see(self.link())
        ((path, _),) = [each for each in screen.forms.items() if "/sign-in/" in each[0]]
        entered = self.browser.post(path)
        assert entered.status_code == 303, entered.text
        return self

    def see(self, path: str) -> Screen:
        """Opens a page."""
        return Screen(self.browser.get(path, follow_redirects=True))

    def send(self, screen: Screen, action: str, /, **fields: str) -> Screen:
        """Fills in the form of this address, or of its end, and sends it."""
        (path,) = [each for each in screen.forms if each == action or each.endswith(action)]
        filled = screen.forms[path] | fields
        return Screen(self.browser.post(path, data=filled, follow_redirects=True))
