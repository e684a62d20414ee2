"""Orders and subscriptions of a store in a test, through the interfaces of those who own them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jalon.rehearsal.sim.customers import ANSWERS
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
        """The entity as it stands."""
        return Answer.of(self.shop.store.get(self.url, role=role)).ok

    def __getitem__(self, name: str) -> Any:
        return self.read()[name]

    @property
    def status(self) -> str:
        return str(self["status"])

    @property
    def standing(self) -> str:
        """The word that people read, of the status and of the facts beside it."""
        return str(self["standing"])

    def timeline(self) -> dict[str, Any]:
        """What happened, why it waits, and the agenda."""
        return Answer.of(self.shop.store.get(f"{self.url}/timeline", role="support")).ok

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
        return Answer.of(self.shop.store.post(f"{self.url}/{action}", body or {}, role=role, key=key))

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
        return Answer.of(self.shop.store.post(path, body, role=role))

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
        return Answer.of(self.shop.store.patch(self.url, body))

    @property
    def seats(self) -> list[str]:
        """The states of the seats, by number."""
        return [seat["state"] for seat in self["seats"]]
