"""Orders and subscriptions of a store in a test, through the interfaces of their users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jalon.rehearsal.sim.end_use import ANSWERS
from tests.support.world import ADDRESS, SIGNER, Answer, at

if TYPE_CHECKING:
    from tests.support.shop import Shop


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
        """The present entity."""
        return Answer.of(self.shop.store.get(self.url, role=role)).ok

    def __getitem__(self, name: str) -> Any:
        return self.read()[name]

    @property
    def status(self) -> str:
        return str(self["status"])

    @property
    def standing(self) -> str:
        """The standing that people read, of the status and the facts beside it."""
        return str(self["standing"])

    def timeline(self) -> dict[str, Any]:
        """The timeline: past events, waits and the agenda."""
        return Answer.of(self.shop.store.get(f"{self.url}/timeline", role="support")).ok

    @property
    def events(self) -> list[str]:
        """The names of the events in order. Events of effects are given by their kind."""
        return [each["event"] for each in self.timeline()["timeline"] if each["kind"] == "event"]

    def due(self, what: str) -> datetime | None:
        """The instant of the next agenda entry of this name, or None."""
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
        return Answer.of(self.shop.store.post(f"{self.url}/{action}", body or {}, role=role, key=key))

    def decide(self, decision: str, role: str = "compliance", turn: int | None = None) -> Answer:
        """Decides as a reviewer: on the hold of this turn, on the oldest of a subscription, or on the one that an order has."""
        path = f"/v1/compliance/holds/{self.id}/decisions"
        body: dict[str, Any] = {"decision": decision, "reason": "looked at the evidence"}
        holds = self.read().get("holds")
        if holds is not None or turn is not None:
            body["turn"] = turn or next((hold["turn"] for hold in holds or ()), 1)
        return Answer.of(self.shop.store.post(path, body, role=role))

    @property
    def captures(self) -> list[dict[str, Any]]:
        """The captures of the entity at the payment sandbox."""
        return self.shop.bank.captures(entity=self.id)

    @property
    def charged_at(self) -> list[datetime]:
        """The instant of each capture, by the store's clock."""
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
        """Confirms the cart, with a certificate where one is required, and waits until everything is settled."""
        if self.shop.id.startswith("geomatics"):
            assert self.certify().ok
        assert self.place(card=card, **placement).ok
        self.shop.settle()
        return self

    def cancel(self) -> Answer:
        """Cancels the order."""
        return self.post("cancel", {"reason": "not needed any more"})

    @property
    def subscriptions(self) -> list[Subscription]:
        """One subscription for each line that was begun."""
        return [Subscription(self.shop, line["subscription"]) for line in self["lines"]]

    @property
    def subscription(self) -> Subscription:
        """The subscription of the only line."""
        (only,) = self.subscriptions
        return only


@dataclass
class Subscription(Entity):
    """A subscription, used through the portal's routes."""

    kind: str = field(init=False, default="subscription")

    def activate(self, signer: Mapping[str, Any] | None = None, key: str | None = None) -> Answer:
        """Clicks Activate."""
        signed = {"signer": dict(signer), "document_sha256": self.document_sha256} if signer else {}
        return self.post("activate", signed, key=key)

    def sign(self, key: str | None = None) -> Answer:
        """Signs the contract."""
        return self.post("sign", {"signer": SIGNER, "document_sha256": self.document_sha256}, key=key)

    @property
    def document_sha256(self) -> str:
        """The hash of the contract to sign; of no document where there is none."""
        document: Mapping[str, str] | None = self["document"]
        return document["sha256"] if document else "0" * 64

    def start(self) -> Subscription:
        """Takes the activation steps, where there are any, and waits until everything is settled."""
        steps: Sequence[Mapping[str, Any]] = self["steps"]
        if steps:
            assert self.activate().ok
            assert self.sign().ok
            self.shop.settle()
        return self

    def assign(self, email: str, seat: int | None = None) -> Answer:
        """Assigns a seat to a person."""
        body: dict[str, Any] = {"email": email, "name": "Jean Dupont", "language": "fr"}
        return self.post("seats", body | ({"seat": seat} if seat else {}))

    def reinvite(self, seat: int) -> Answer:
        """Sends an invitation again."""
        return self.post(f"seats/{seat}/reinvite")

    def reassign(self, seat: int, email: str) -> Answer:
        """Gives a seat to another person."""
        return self.post(f"seats/{seat}/reassign", {"email": email, "name": "Lise Roy", "language": "fr"})

    def revoke(self, seat: int) -> Answer:
        """Revokes a seat."""
        return self.post(f"seats/{seat}/revoke")

    def keep_seats(self, *seats: int, key: str | None = None) -> Answer:
        """Names who stays at a renewal with fewer seats."""
        return self.post("keep-seats", {"seats": list(seats)}, key=key)

    def stop(self, reason: str | None = "project over") -> Answer:
        """Stops the renewal."""
        return self.post("stop-renewal", {} if reason is None else {"reason": reason})

    def resume(self) -> Answer:
        """Resumes the renewal."""
        return self.post("resume-renewal")

    def pay_with(self, card: str) -> Answer:
        """Sets another payment method."""
        body = {"payment_method": {"kind": "card", "token": card}}
        return Answer.of(self.shop.store.patch(self.url, body))

    @property
    def seats(self) -> list[str]:
        """The states of the seats, by number."""
        return [seat["state"] for seat in self["seats"]]
