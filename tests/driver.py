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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx

from integrations.payments.signature import sign
from local.machine import Machine
from tests.certificates import ANSWERS
from tests.rehearsal import Rehearsal

PARIS = ZoneInfo("Europe/Paris")
TICK = timedelta(microseconds=1)
PATIENCE = 30.0
ADDRESS = {"lines": ["1 rue de la Paix", "75002 Paris"], "country": "FR"}
SIGNER = {"name": "Ana Lefèvre", "title": "Gérante", "authorised": True}

Fact = TypeVar("Fact")


def at(text: str) -> datetime:
    """An instant; without an offset it is Paris wall time, as in "2026-04-15 23:59:59"."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=PARIS)


def instant(text: str | None) -> datetime | None:
    """An instant of an answer, in UTC."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def eventually(look: Callable[[], Fact | None], what: str, within: float = PATIENCE) -> Fact:
    """The fact, once it is there: anything but None and False."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {within:g} s"
        time.sleep(0.05)


@dataclass(frozen=True)
class Answer:
    """What a door answered."""

    status: int
    body: dict[str, Any]
    text: str

    @classmethod
    def of(cls, response: httpx.Response) -> Answer:
        kind = response.headers.get("content-type", "")
        return cls(response.status_code, response.json() if "json" in kind else {}, response.text)

    @property
    def ok(self) -> dict[str, Any]:
        """The body of a success."""
        assert self.status in (200, 201), f"{self.status}: {self.text[:800]}"
        return self.body

    @property
    def pending(self) -> str:
        """The address where to ask what becomes of a write that was answered 202."""
        assert self.status == 202, f"{self.status}: {self.text[:800]}"
        return str(self.body["status_url"])

    @property
    def refused(self) -> tuple[int, str, str | None]:
        """Status, code and rule of a refusal, which always has a way out."""
        assert 400 <= self.status < 500, f"{self.status}: {self.text[:800]}"
        assert self.body["reference"]
        assert self.body["support"]
        return self.status, self.body["code"], self.body["rule"]

    @property
    def codes(self) -> set[str]:
        """Everything that is wrong at once."""
        return {violation["code"] for violation in self.body["violations"]}


@dataclass
class Bank:
    """The payment sandbox, as the bank and as its control."""

    http: httpx.Client

    def captures(self, **metadata: str) -> list[dict[str, Any]]:
        """Captured charges with this metadata, oldest first."""
        query = {f"metadata[{name}]": value for name, value in metadata.items()}
        found = self.http.get("/v1/charges", params={"status": "succeeded", "limit": "1000", **query})
        data: list[dict[str, Any]] = found.json()["data"]
        return data

    def mandates(self, **metadata: str) -> list[dict[str, Any]]:
        """Mandates with this metadata, oldest first."""
        query = {f"metadata[{name}]": value for name, value in metadata.items()}
        data: list[dict[str, Any]] = self.http.get("/v1/mandates", params=query).json()["data"]
        return data

    def fault(self, kind: str, **options: Any) -> None:
        """Orders something to go wrong; see docs/payments-sandbox.md."""
        self.http.post("/_control/faults", json={"kind": kind, **options}).raise_for_status()

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self.http.delete("/_control/faults").raise_for_status()

    def decide(self, url: str, decision: str) -> httpx.Response:
        """The buyer says approve or deny on the bank's page."""
        return self.http.post(url, data={"decision": decision}, follow_redirects=False)


@dataclass
class Mailbox:
    """Where e-mails arrived."""

    http: httpx.Client

    def messages(self, **wanted: str | int) -> list[dict[str, Any]]:
        """Briefs, oldest first; wanted: to, template, subject."""
        found: list[dict[str, Any]] = self.http.get("/api/messages", params=wanted).json()["messages"]
        return found

    def read(self, number: int) -> dict[str, Any]:
        """One message whole."""
        whole: dict[str, Any] = self.http.get(f"/api/messages/{number}").json()
        return whole

    def fail(self, kind: str, to: str, count: int = 1) -> None:
        """The next messages to this address go wrong."""
        self.http.post("/_control/faults", json={"kind": kind, "to": to, "count": count}).raise_for_status()


@dataclass
class Shop:
    """One store with a test clock, and everyone who meets it."""

    rehearsal: Rehearsal
    machine: Machine
    bank: Bank
    mailbox: Mailbox
    browser: httpx.Client

    @property
    def id(self) -> str:
        """The store's id."""
        return self.rehearsal.id

    @property
    def email(self) -> str:
        """The address of the store's buyer in this test."""
        return f"ana@{self.id}.example.com"

    @property
    def now(self) -> datetime:
        """What the test clock shows, in UTC."""
        shown = self.rehearsal.get(f"/v1/test-clocks/{self.id}", role="admin").json()["now"]
        return datetime.fromisoformat(shown).astimezone(UTC)

    def to(self, when: str | datetime) -> dict[str, Any]:
        """Moves the clock to an instant and returns what was settled on the way."""
        target = at(when) if isinstance(when, str) else when
        moved: dict[str, Any] = self.rehearsal.advance(to=target)
        assert moved["unsettled"] == [], moved["unsettled"]
        return moved

    def on(self, by: str) -> dict[str, Any]:
        """Moves the clock by a duration."""
        moved: dict[str, Any] = self.rehearsal.advance(by=by)
        assert moved["unsettled"] == [], moved["unsettled"]
        return moved

    def settle(self) -> None:
        """Waits until nothing of the store is under way, at the same instant."""
        self.to(self.now)

    def open(self, *lines: Mapping[str, Any] | str, key: str | None = None, **cart: Any) -> Answer:
        """Tries to open a cart; a line may be just a sku."""
        wanted = [{"sku": line} if isinstance(line, str) else dict(line) for line in lines]
        body = {
            "store": self.id,
            "buyer": {"email": self.email, "name": "Ana Lefèvre", "company": "Lefèvre SARL", "language": "fr"},
            "country": "FR",
            "audience": AUDIENCES[self.id.rpartition("-")[0] or self.id],
            "currency": "EUR",
            "lines": [{"quantity": 1, "term": "P1Y", "licence_kind": "individual"} | line for line in wanted],
        }  # fmt: skip
        return Answer.of(self.rehearsal.post("/v1/orders", body | cart, key=key))

    def order(self, *lines: Mapping[str, Any] | str, **cart: Any) -> Order:
        """Opens a cart."""
        return Order(self, self.open(*lines, **cart).ok["id"])

    def mails(self, template: str | None = None, to: str | None = None) -> list[dict[str, Any]]:
        """Briefs of what arrived for a person of the store, oldest first."""
        wanted = {"to": to or self.email} | ({"template": template} if template else {})
        return self.mailbox.messages(**wanted)

    def templates(self, to: str | None = None) -> list[str]:
        """The names of the e-mails that arrived, by the instant they were sent; at one instant, in which they race, by name."""
        arrived = sorted((each["sent_at"], each["template"]) for each in self.mails(to=to))
        return [template for _, template in arrived]

    def letter(self, template: str, to: str | None = None) -> dict[str, Any]:
        """The latest e-mail of that name, whole, with its French spaces made plain."""
        whole = self.mailbox.read(self.mails(template, to)[-1]["id"])
        return whole | {"text": re.sub(r"[\u00a0\u202f]", " ", whole["text"])}

    def link(self, template: str, kind: str, to: str | None = None) -> str:
        """The path of the signed link in the latest e-mail of that name."""
        links = self.letter(template, to)["links"]
        (found,) = {each for each in links if f"/h/{kind}/" in each}
        return str(httpx.URL(found).path)

    def entitled(self, sku: str, email: str | None = None) -> bool:
        """Whether a person may use the product now."""
        asked = {"store": self.id, "email": email or self.email, "sku": sku}
        return bool(Answer.of(self.rehearsal.get("/v1/entitlements", **asked)).ok["entitled"])

    def tell(self, entity: str, action: str, step: str, role: str = "ops", **body: Any) -> Answer:
        """An operator's word on a step: park, retry, skip or compensate."""
        given = {"step": step, "reason": "because"} | body
        return Answer.of(self.rehearsal.post(f"/v1/ops/entities/{entity}/{action}", given, role=role))

    def parked(self) -> list[dict[str, Any]]:
        """Parked steps of this store, by cause."""
        found: list[dict[str, Any]] = self.rehearsal.get("/v1/ops/parked", role="ops", store=self.id).json()[
            "data"
        ]
        return found

    def outage(self, since: str | datetime, until: str | datetime) -> Answer:
        """An operator declares that our doors were shut."""
        began, ended = (at(each) if isinstance(each, str) else each for each in (since, until))
        body = {"store": self.id, "from": began.isoformat(), "to": ended.isoformat(), "reason": "a fire"}
        return Answer.of(self.rehearsal.post("/v1/ops/outages", body, role="ops"))

    def hint(self, entity: Entity) -> None:
        """The bank sends one more signed event about a payment that still waits for its buyer."""
        query = {"metadata[entity]": entity.id, "status": "action_required"}
        (charge,) = self.bank.http.get("/v1/charges", params=query).json()["data"]
        event, stamp = f"evt_{uuid.uuid4().hex}", str(int(time.time()))
        about = {"object": "charge", "id": charge["id"], "metadata": charge["metadata"]}
        body = json.dumps({"id": event, "type": "charge.action_required", "data": about}).encode()
        secret = self.machine.environment["JALON_PAYMENT_WEBHOOK_SECRET"]
        signature = f"v1,{sign(body, event, stamp, secret)}"
        headers = {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": signature}
        told = self.browser.post("/v1/provider-webhooks/sandbox", content=body, headers=headers)
        assert told.json()["request_id"], told.text

    def page(self, path: str) -> Page:
        """What somebody sees who opens a signed link."""
        return Page(self, path, self.browser.get(path, follow_redirects=True))


AUDIENCES = {
    "fastening": "design_office",
    "lifecycle": "company",
    "geomatics": "company",
    "drafting": "company",
    "rapid": "company",
}


@dataclass
class Page:
    """A hosted page as a browser has it."""

    shop: Shop
    path: str
    response: httpx.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """What the page says, without its markup."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.response.text)).split())

    @property
    def form(self) -> tuple[str, dict[str, str]]:
        """Where the page's only form goes, and what it carries unseen."""
        (form,) = re.findall(r"<form.*?</form>", self.response.text, flags=re.DOTALL)
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
        return "<form" in self.response.text

    def send(self, **fields: str) -> Page:
        """Fills the form in and sends it; the page that comes then."""
        action, hidden = self.form
        response = self.shop.browser.post(action, data=hidden | fields, follow_redirects=True)
        return Page(self.shop, self.path, response)


@dataclass
class Entity:
    """An order or a subscription of the shop."""

    shop: Shop
    id: str
    kind: str = field(init=False, default="order")

    @property
    def url(self) -> str:
        return f"/v1/{self.kind}s/{self.id}"

    def read(self, role: str = "support") -> dict[str, Any]:
        """The entity as it stands."""
        return Answer.of(self.shop.rehearsal.get(self.url, role=role)).ok

    def __getitem__(self, name: str) -> Any:
        return self.read()[name]

    @property
    def status(self) -> str:
        return str(self["status"])

    def timeline(self) -> dict[str, Any]:
        """What happened, why it waits, and the agenda."""
        return Answer.of(self.shop.rehearsal.get(f"{self.url}/timeline", role="support")).ok

    @property
    def events(self) -> list[str]:
        """The names of what happened, in order; effects are told apart by their kind."""
        return [each["event"] for each in self.timeline()["timeline"] if each["kind"] == "event"]

    def due(self, what: str) -> datetime | None:
        """When something of this name is due next, if it is."""
        dues = [each["due_at"] for each in self["agenda"] if each["what"] == what]
        return min((datetime.fromisoformat(each).astimezone(UTC) for each in dues), default=None)

    def post(
        self,
        action: str,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        role: str = "storefront",
    ) -> Answer:
        """A write under its own idempotency key."""
        return Answer.of(self.shop.rehearsal.post(f"{self.url}/{action}", body or {}, role=role, key=key))

    @property
    def captures(self) -> list[dict[str, Any]]:
        """What the bank captured for it."""
        return self.shop.bank.captures(entity=self.id)

    @property
    def charged_at(self) -> list[datetime]:
        """When each capture was made, by the store's clock."""
        return [at(each["at"]) for each in self.captures]

    @property
    def charged(self) -> list[int]:
        """The captured amounts, in minor units."""
        return [each["amount"] for each in self.captures]


@dataclass
class Order(Entity):
    """An order from its cart on."""

    def certify(self, **answers: Any) -> Answer:
        """Answers the end-use questionnaire."""
        return self.post("end-use-certificate", {"answers": ANSWERS | answers})

    def place(self, *, key: str | None = None, card: str = "card_ok", **placement: Any) -> Answer:
        """Confirms the cart."""
        body = {
            "terms_accepted": True,
            "export_control_accepted": True,
            "payment_method": {"kind": "card", "token": card},
            "billing_address": ADDRESS,
            "purchase_order_number": "PO-1",
        }
        return self.post("place", body | placement, key=key)

    def buy(self, *, card: str = "card_ok", **placement: Any) -> Order:
        """Confirms the cart, with a certificate where one is needed, and waits until all is settled."""
        if self.shop.id.startswith("geomatics"):
            assert self.certify().ok
        assert self.place(card=card, **placement).ok
        self.shop.settle()
        return self

    def cancel(self) -> Answer:
        """Calls the order off."""
        return self.post("cancel", {"reason": "not needed any more"})

    def decide(self, decision: str, role: str = "compliance") -> Answer:
        """A reviewer decides on the export hold."""
        path = f"/v1/compliance/holds/{self.id}/decisions"
        body = {"decision": decision, "reason": "looked at the evidence"}
        return Answer.of(self.shop.rehearsal.post(path, body, role=role))

    @property
    def subscriptions(self) -> list[Subscription]:
        """One per line, once they were begun."""
        return [Subscription(self.shop, line["subscription"]) for line in self["lines"]]

    @property
    def subscription(self) -> Subscription:
        """That of the only line."""
        (only,) = self.subscriptions
        return only


@dataclass
class Subscription(Entity):
    """A subscription through the portal's doors."""

    kind: str = field(init=False, default="subscription")

    def activate(self, signer: Mapping[str, Any] | None = None, key: str | None = None) -> Answer:
        """The click on Activate."""
        return self.post("activate", {"signer": dict(signer)} if signer else {}, key=key)

    def sign(self, key: str | None = None) -> Answer:
        """The signature."""
        return self.post("sign", {"signer": SIGNER}, key=key)

    def start(self) -> Subscription:
        """Takes the activation steps, where there are any, and waits until all is settled."""
        steps: Sequence[Mapping[str, Any]] = self["steps"]
        if steps:
            assert self.activate().ok
            assert self.sign().ok
            self.shop.settle()
        return self

    def assign(self, email: str, seat: int | None = None) -> Answer:
        """Gives a seat to a person."""
        body: dict[str, Any] = {"email": email, "name": "Jean Dupont", "language": "fr"}
        return self.post("seats", body | ({"seat": seat} if seat else {}))

    def revoke(self, seat: int) -> Answer:
        """Takes a seat back."""
        return self.post(f"seats/{seat}/revoke")

    def stop(self) -> Answer:
        """Switches renewal off."""
        return self.post("stop-renewal", {"reason": "project over"})

    def resume(self) -> Answer:
        """Switches renewal on again."""
        return self.post("resume-renewal")

    def pay_with(self, card: str) -> Answer:
        """Gives another payment method."""
        body = {"payment_method": {"kind": "card", "token": card}}
        return Answer.of(self.shop.rehearsal.patch(self.url, body))

    @property
    def seats(self) -> list[str]:
        """The states of the seats, by number."""
        return [seat["state"] for seat in self["seats"]]


def shop_of(rehearsal: Rehearsal, machine: Machine) -> Shop:
    """The store with its bank, its mailbox and a browser."""
    bank, mailbox, browser = (
        httpx.Client(base_url=machine.urls[name], timeout=60) for name in ("payments", "mailbox", "api")
    )
    return Shop(rehearsal, machine, Bank(bank), Mailbox(mailbox), browser)


def close(shop: Shop) -> None:
    """Lets go of the connections."""
    for client in (shop.bank.http, shop.mailbox.http, shop.browser):
        client.close()
