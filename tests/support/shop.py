"""A store, its buyers and its people, spoken to as they speak: by HTTP, by signed links, by e-mails that arrived.

shop = open_shop("fastening", "2026-01-15T10:30:00+01:00")
order = shop.order("anchor-design-premium")
assert order.place().ok
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from jalon.integrations.payments.signature import sign
from tests.support.entities import Entity, Order, Subscription
from tests.support.machines import Serving
from tests.support.pages import Page
from tests.support.plain import PLAIN
from tests.support.stores import SandboxStore
from tests.support.world import (
    ADDRESS,
    PARIS,
    PATIENCE,
    SIGNER,
    TICK,
    Answer,
    Bank,
    Fact,
    Mailbox,
    at,
    eventually,
    instant,
)

__all__ = [
    "ADDRESS", "PARIS", "PATIENCE", "SIGNER", "TICK", "Answer", "Bank", "Entity", "Fact", "Mailbox", "OpenShop", "Order", "Page", "Shop",
    "Subscription", "at", "close", "eventually", "instant", "shop_of", "webhook_secret",
]  # fmt: skip


@dataclass
class Shop:
    """One store with a test clock, its buyers and its staff."""

    store: SandboxStore
    machine: Serving
    bank: Bank
    mailbox: Mailbox
    browser: httpx.Client

    @property
    def id(self) -> str:
        """The store's id."""
        return self.store.id

    @property
    def email(self) -> str:
        """The address of the store's buyer in this test."""
        return f"ana@{self.id}.example.com"

    @property
    def now(self) -> datetime:
        """What the test clock shows, in UTC."""
        shown = self.store.get(f"/v1/test-clocks/{self.id}", role="admin").json()["now"]
        return datetime.fromisoformat(shown).astimezone(UTC)

    def to(self, when: str | datetime) -> dict[str, Any]:
        """Moves the clock to an instant. Returns the settled clock with the events of the advance."""
        target = at(when) if isinstance(when, str) else when
        moved: dict[str, Any] = self.store.advance(to=target)
        assert moved["unsettled"] == [], moved["unsettled"]
        return moved

    def on(self, by: str) -> dict[str, Any]:
        """Moves the clock by a duration."""
        moved: dict[str, Any] = self.store.advance(by=by)
        assert moved["unsettled"] == [], moved["unsettled"]
        return moved

    def settle(self) -> None:
        """Waits until nothing of the store is under way, at the same instant."""
        self.to(self.now)

    def open(self, *lines: Mapping[str, Any] | str, key: str | None = None, **cart: Any) -> Answer:
        """Tries to open a cart. A line may be only a sku."""
        wanted = [{"sku": line} if isinstance(line, str) else dict(line) for line in lines]
        body = {
            "store": self.id,
            "buyer": {"email": self.email, "name": "Ana Lefèvre", "company": "Lefèvre SARL", "language": "fr"},
            "country": "FR",
            "audience": AUDIENCES[self.id.rpartition("-")[0] or self.id],
            "currency": "EUR",
            "lines": [{"quantity": 1, "term": "P1Y", "licence_kind": "individual"} | line for line in wanted],
        }  # fmt: skip
        return Answer.of(self.store.post("/v1/orders", body | cart, key=key))

    def order(self, *lines: Mapping[str, Any] | str, **cart: Any) -> Order:
        """Opens a cart."""
        return Order(self, self.open(*lines, **cart).ok["id"])

    def mails(self, template: str | None = None, to: str | None = None) -> list[dict[str, Any]]:
        """The e-mails that arrived for a person of the store, in short form, oldest first.

        The mailbox is shared: an address names the store, so that no e-mail of another test is read.
        """
        assert to is None or self.id in to, f"another store may write to {to}"
        wanted = {"to": to or self.email} | ({"template": template} if template else {})
        return self.mailbox.messages(**wanted)

    def templates(self, to: str | None = None) -> list[str]:
        """The names of the e-mails that arrived, by the instant they were sent; at one instant, in which they race, by name."""
        arrived = sorted((each["sent_at"], each["template"]) for each in self.mails(to=to))
        return [template for _, template in arrived]

    def letter(self, template: str, to: str | None = None) -> dict[str, Any]:
        """The whole latest e-mail of that name, with its French spaces made plain."""
        whole = self.mailbox.read(self.mails(template, to)[-1]["id"])
        return whole | {"text": re.sub(r"[\u00a0\u202f]", " ", whole["text"])}

    def prose(self, template: str, to: str | None = None) -> str:
        """The latest e-mail of that name in lower case, without random parts: links and order numbers."""
        drawn = r"https?://\S+|\b[A-Z]{3}-\d{4}-[0-9A-Z]+\b"
        return re.sub(drawn, "", str(self.letter(template, to)["text"])).casefold()

    def link(self, template: str, kind: str, to: str | None = None) -> str:
        """The path of the signed link in the latest e-mail of that name."""
        links = self.letter(template, to)["links"]
        (found,) = {each for each in links if f"/h/{kind}/" in each and not each.endswith(".ics")}
        return str(httpx.URL(found).path)

    def entitled(self, sku: str, email: str | None = None) -> bool:
        """Whether a person may use the product now."""
        asked = {"store": self.id, "email": email or self.email, "sku": sku}
        return bool(Answer.of(self.store.get("/v1/entitlements", **asked)).ok["entitled"])

    def operate(self, entity: str, action: str, step: str, role: str = "ops", **body: Any) -> Answer:
        """Sends an operator's command on a step: park, retry, skip or compensate."""
        given = {"step": step, "reason": "because"} | body
        return Answer.of(self.store.post(f"/v1/ops/entities/{entity}/{action}", given, role=role))

    def parked(self) -> list[dict[str, Any]]:
        """Parked steps of this store, by cause."""
        found: list[dict[str, Any]] = self.store.get("/v1/ops/parked", role="ops", store=self.id).json()[
            "data"
        ]
        return found

    def outage(self, since: str | datetime, until: str | datetime) -> Answer:
        """Declares an outage of the API as an operator."""
        began, ended = (at(each) if isinstance(each, str) else each for each in (since, until))
        body = {"store": self.id, "from": began.isoformat(), "to": ended.isoformat(), "reason": "a fire"}
        return Answer.of(self.store.post("/v1/ops/outages", body, role="ops"))

    def withdraw_outage(self, outage: int, reason: str = "the wrong day", key: str | None = None) -> Answer:
        """Withdraws an outage as an operator."""
        path = f"/v1/ops/outages/{outage}/withdraw"
        return Answer.of(self.store.post(path, {"reason": reason}, role="ops", key=key))

    def hint(self, entity: Entity) -> None:
        """Sends one more signed event of the payment sandbox about a payment that still waits for its buyer."""
        query = {"metadata[entity]": entity.id, "status": "action_required"}
        (charge,) = self.bank.http.get("/v1/charges", params=query).json()["data"]
        event, stamp = f"evt_{uuid.uuid4().hex}", str(int(time.time()))
        about = {"object": "charge", "id": charge["id"], "metadata": charge["metadata"]}
        body = json.dumps({"id": event, "type": "charge.action_required", "data": about}).encode()
        secret = webhook_secret(self.machine)
        signature = f"v1,{sign(body, event, stamp, secret)}"
        headers = {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": signature}
        told = self.browser.post("/v1/provider-webhooks/sandbox", content=body, headers=headers)
        assert told.json()["request_id"], told.text

    def page(self, path: str) -> Page:
        """The page of a signed link."""
        return Page(self, path, self.browser.get(path, follow_redirects=True))


AUDIENCES = {
    "brisk": "company",
    "fastening": "design_office",
    "lifecycle": "company",
    "geomatics": "company",
    "drafting": "company",
    "overseas": "company",
    "prepaid": "company",
    "rapid": "company",
}


OpenShop = Callable[..., Shop]
IDLE_AT_MOST = httpx.Limits(keepalive_expiry=2)
"""Servers close a connection after five seconds without a request, perhaps as the next one is sent."""


def shop_of(sandbox_store: SandboxStore, machine: Serving) -> Shop:
    """The store with its payment sandbox, its mailbox and a browser."""
    bank, mailbox, browser = (
        httpx.Client(base_url=machine.urls[name], timeout=60, verify=PLAIN, limits=IDLE_AT_MOST)
        for name in ("payments", "mailbox", "api")
    )
    return Shop(sandbox_store, machine, Bank(bank), Mailbox(mailbox), browser)


def webhook_secret(machine: Serving) -> str:
    """The secret with which the machine's payment sandbox signs its events."""
    providers = json.loads(machine.environment["JALON_PAYMENT_PROVIDERS"])
    return str(providers["sandbox"]["webhook_secret"])


def close(shop: Shop) -> None:
    """Closes the connections."""
    for client in (shop.bank.http, shop.mailbox.http, shop.browser):
        client.close()
