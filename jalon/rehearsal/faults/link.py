"""The contract page of the link in the buyer's e-mail, used as a browser would."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin

import httpx

from jalon.client.errors import NotAnswered

_ACTION = re.compile(r'<form class="step" method="post" action="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
MAIL_WITHIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ContractForm:
    """The page's form. However often it is sent, it takes effect once."""

    action: str
    fields: dict[str, str]

    @property
    def key(self) -> str:
        """The idempotency key of its receipt."""
        return self.fields["nonce"]

    async def send(self, patience: float) -> int:
        """Posts until answered; returns the status. Raises NotAnswered."""
        since = time.monotonic()
        async with httpx.AsyncClient(timeout=20) as http:
            while time.monotonic() - since < patience:
                try:
                    response = await http.post(self.action, data=self.fields)
                except httpx.TransportError:
                    response = None
                if response is not None and not response.is_server_error:
                    return response.status_code
                await asyncio.sleep(0.3)
        raise NotAnswered(f"POST {self.action}: nothing for {patience:g} s")


async def opened_contract(mailbox: str, buyer: str) -> ContractForm:
    """Reads the buyer's e-mail and opens its link. Raises NotAnswered."""
    async with httpx.AsyncClient(timeout=20) as http:
        link = await _link(http, mailbox, buyer)
        page = (await http.get(link)).raise_for_status().text
    action = _ACTION.search(page)
    if action is None:
        raise NotAnswered(f"{link} shows no form")
    fields = {name: unescape(value) for name, value in _HIDDEN.findall(page)}
    return ContractForm(urljoin(link, unescape(action.group(1))), fields)


async def _link(http: httpx.AsyncClient, mailbox: str, buyer: str) -> str:
    since = time.monotonic()
    while time.monotonic() - since < MAIL_WITHIN_SECONDS:
        found = await http.get(f"{mailbox}/api/messages", params={"to": buyer, "template": "contract_ready"})
        for brief in found.json()["messages"]:
            letter: dict[str, Any] = (await http.get(f"{mailbox}/api/messages/{brief['id']}")).json()
            links = [link for link in letter["links"] if "/h/contract/" in link]
            if links:
                return str(links[0])
        await asyncio.sleep(0.3)
    raise NotAnswered(f"no contract came to {buyer}")
