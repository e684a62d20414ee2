"""The connections of the demo: the API in each role, the mailbox and the payment sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from jalon.client.conversation import Manner
from jalon.client.sync import Client

_MANNER = Manner(patience=60.0, wait_at_most=0.2)


class Contacts:
    """The connections of one thread."""

    def __init__(self, urls: Mapping[str, str], keys: Mapping[str, str]) -> None:
        self._urls = urls
        self._keys = keys
        self._clients: dict[str, Client] = {}
        self._http = httpx.Client(timeout=60)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()
        for client in self._clients.values():
            client.close()

    def api(self, role: str = "storefront") -> Client:
        """The API, signed in as this role."""
        if role not in self._clients:
            self._clients[role] = Client(self._urls["api"], self._keys[role], _MANNER)
        return self._clients[role]

    def mails(self, to: str) -> list[dict[str, Any]]:
        """The e-mails that arrived for an address, oldest first."""
        found: list[dict[str, Any]] = self._http.get(
            self._urls["mailbox"] + "/api/messages", params={"to": to}
        ).json()["messages"]
        return found

    def charges(self, store: str) -> list[dict[str, Any]]:
        """The charges of a store in the payment sandbox, oldest first."""
        query = {"metadata[store]": store, "status": "succeeded", "limit": "1000"}
        found: list[dict[str, Any]] = self._http.get(
            self._urls["payments"] + "/v1/charges", params=query
        ).json()["data"]
        return found
