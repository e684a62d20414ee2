"""One order from cart to its second renewal: does what the order waits for, then follows the agendas."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from jalon.client import operations, orders, subscriptions
from jalon.client.calls import Call
from jalon.client.errors import ApiError
from jalon.client.shapes import Buyer, Cart, Entity, Order, Placement, Signer, Store, Subscription, Timeline
from jalon.client.stores import advance_clock
from jalon.domain import events
from jalon.domain.error_codes import ErrorCode
from jalon.domain.statuses import ORDER_OVER, SUBSCRIPTION_OVER, OrderStatus, Standing
from jalon.rehearsal.demo.contacts import Contacts
from jalon.rehearsal.demo.selection import Selection, select

Life = TypeVar("Life", bound=Entity)

RENEWALS = 2
MILESTONES = ("cart", "placed", "paid or promised", "active", "renewed", "renewed again")
_PATIENCE_SECONDS = 60.0
_LOST = (ORDER_OVER - {OrderStatus.COMPLETED}) | SUBSCRIPTION_OVER
_PAID = {"processing", "completed"}

ReportProgress = Callable[["Progress"], None]


class JourneyFailed(Exception):
    """The order cannot reach its second renewal. The text holds its status and what it waits for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of one order: the number of MILESTONES it has reached, its store's date, and its last event."""

    store: str
    reached: int
    on: str
    text: str


@dataclass
class Journey:
    """One store's order. After `travel`, or its exception, the ids are those that were reached.

    `told` is the store as in `GET /v1/stores`.
    """

    contacts: Contacts
    told: Store
    language: str
    report: ReportProgress
    order: str | None = None
    subscriptions: list[str] = field(default_factory=list)
    _reached: int = 0

    @property
    def store(self) -> str:
        """The store's id."""
        return self.told["id"]

    @property
    def buyer(self) -> Buyer:
        """The buyer, with an e-mail address of their own in each store."""
        return {
            "email": f"camille.demo@{self.store}.example.org",
            "name": "Camille Durand",
            "company": "Durand & Filles",
            "language": self.language,
        }

    def travel(self) -> None:
        """Takes the order to its second renewal. Raises JourneyFailed, NothingOffered, ApiError and NotAnswered."""
        selection = select(self.contacts.api(), self.told)
        self._open(selection)
        self._place(selection)
        self._until_paid()
        for subscription in self.subscriptions:
            self._until_active(subscription)
        self._arrived(4)
        self._until_renewed()

    def _open(self, selection: Selection) -> None:
        cart: Cart = {
            "store": self.store,
            "buyer": self.buyer,
            "country": selection.country,
            "audience": selection.audience,
            "currency": selection.currency,
            "lines": [selection.line],
        }
        self.order = self.contacts.api().send(orders.open_order(cart))["id"]
        self._arrived(1)

    def _place(self, selection: Selection) -> None:
        placement: Placement = {
            "terms_accepted": True,
            "export_control_accepted": True,
            "payment_method": {"kind": selection.payment_kind, "token": "card_ok"},
            "billing_address": {
                "lines": ["12 rue des Jalons"],
                "postal_code": "75002",
                "city": "Paris",
                "country": selection.country,
            },
            "purchase_order_number": "DEMO-1",
        }
        self.contacts.api().send(orders.place(known(self.order), placement))
        self._arrived(2)

    def _until_paid(self) -> None:
        """Answers the certificate, releases a hold, confirms a payment, as the order's `waiting_for` requires."""
        answers: Mapping[str, Callable[[Order], None]] = {
            "buyer_certificate": self._answer_certificate,
            "compliance_review": self._release_hold,
        }
        order = self._watch(orders.read(known(self.order)), _PAID, answers)
        self.subscriptions = [line["subscription"] for line in order["lines"]]
        self._arrived(3)

    def _answer_certificate(self, order: Order) -> None:
        answers = certificate(order["country"])
        self.contacts.api().send(orders.answer_certificate(order["id"], answers))

    def _release_hold(self, order: Order) -> None:
        reason = "A demonstration: the likeness is of the name alone."
        for reviewer in ("compliance", "compliance_second"):
            self.contacts.api(reviewer).send(operations.decide_hold(order["id"], "release", reason))

    def _until_active(self, subscription: str) -> None:
        client = self.contacts.api()
        signer: Signer = {"name": self.buyer["name"], "title": "Director", "authorised": True}

        def click(view: Subscription) -> None:
            try:
                client.send(subscriptions.activate(subscription))
            except ApiError as refused:
                if refused.code != ErrorCode.SIGNER_MISSING:
                    raise
                client.send(subscriptions.activate(subscription, signer, view["document"]["sha256"]))

        def sign(view: Subscription) -> None:
            client.send(subscriptions.sign(subscription, signer, view["document"]["sha256"]))

        self._watch(
            subscriptions.read(subscription),
            {"active"},
            {"buyer_open_contract": click, "buyer_click_activate": click, "buyer_sign": sign},
        )

    def _watch(
        self, reading: Call[Life], wanted: set[str], answers: Mapping[str, Callable[[Life], None]]
    ) -> Life:
        """Reads until the status is a wanted one; performs the action for each wait once."""
        answered: set[str] = set()
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while True:
            view = self._read_when_there(reading, give_up_at)
            if view["status"] in wanted:
                return view
            waiting_for = view["waiting_for"]
            if _is_lost(view) or time.monotonic() > give_up_at:
                raise JourneyFailed(f"{reading.path} is {view['status']}, waits for {view['waits_for']}")
            if waiting_for is not None and waiting_for in answers and waiting_for not in answered:
                answered.add(waiting_for)
                answers[waiting_for](view)
            else:
                time.sleep(0.05)

    def _read_when_there(self, reading: Call[Life], give_up_at: float) -> Life:
        """Reads the subscription until it exists: a message of its order begins it, so an early read may find nothing."""
        while True:
            try:
                return self.contacts.api().send(reading)
            except ApiError as shut:
                if shut.code != ErrorCode.NOT_FOUND or time.monotonic() > give_up_at:
                    raise
                time.sleep(0.05)

    def _until_renewed(self) -> None:
        """Moves the clock from one entry of the agendas to the next."""
        renewed = 0
        while renewed < RENEWALS:
            entries = self.timeline()["agenda"]
            if not entries:
                raise JourneyFailed(f"{self.order} has nothing more to come before its second renewal")
            due_at = min((entry["due_at"] for entry in entries), key=datetime.fromisoformat)
            self.contacts.api("admin").send(advance_clock(self.store, to=due_at))
            renewed = min(self._term_number(subscription) for subscription in self.subscriptions)
            self._arrived(4 + renewed)

    def _term_number(self, subscription: str) -> int:
        view = self.contacts.api().send(subscriptions.read(subscription))
        if _is_lost(view):
            raise JourneyFailed(f"{subscription} is {view['status']}, waits for {view['waits_for']}")
        return view["term_number"]

    def timeline(self) -> Timeline:
        """The timeline of the order with those of its subscriptions, from the API."""
        reading = orders.timeline(known(self.order), with_subscriptions=True)
        return self.contacts.api("support").send(reading)

    def _arrived(self, milestone: int) -> None:
        self._reached = max(self._reached, milestone)
        last = next(each for each in reversed(self.timeline()["timeline"]) if tells_something(each))
        self.report(Progress(self.store, self._reached, last["at"][:10], last["event"].replace("_", " ")))


def known(order: str | None) -> str:
    """The id of an order that was opened. Raises LookupError before that."""
    if order is None:
        raise LookupError("no order is opened yet")
    return order


def _is_lost(view: Entity) -> bool:
    return view["status"] in _LOST or view["standing"] == Standing.PAST_DUE


def tells_something(each: Mapping[str, Any]) -> bool:
    """Whether an item belongs in the report. Payments, e-mails and provider hints are left out, since other events show them."""
    return bool(each["kind"] == "event" and each["event"] != events.PaymentReported.name)


def certificate(country: str) -> dict[str, Any]:
    """The answers of an ordinary engineering office to questionnaire `euc-v1` (T5)."""
    excluded = ("nuclear", "missile", "chemical_biological", "weapons_development")
    reviewed = ("military_or_police", "space", "semiconductor", "state_owned", "reexport_intended")
    undertakings = ("no_forbidden_use", "no_diversion", "report_changes", "signatory_authority")
    return {
        "text_version": "euc-v1",
        "legal_name": "Durand & Filles",
        "role": "end_user",
        "sector": "Building and civil engineering",
        "site_of_use": "12 rue des Jalons, 75002 Paris",
        "country_of_use": country,
        "end_use": "Setting out and surveying bridges and buildings for communes around Paris",
        "signatory_name": "Camille Durand",
        "signatory_title": "Director",
        **dict.fromkeys(excluded + reviewed, False),
        **dict.fromkeys(undertakings, True),
    }
