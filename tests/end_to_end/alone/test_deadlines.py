"""One stop of the worker over every kind of deadline of a live store: afterwards each is met once, by what was received and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from jalon.local.machine import Machine
from tests.support import shop as shops
from tests.support.rapid import left_until
from tests.support.shop import Answer, Order, Shop, Subscription, at, eventually
from tests.support.stores import SandboxStore
from workflows.engine.state import known

TERMS = {"running": "PT50S", "retained": "PT15S"}
WARNED_BEFORE = timedelta(seconds=8)
"""How long before a purge the store warns of it."""


@pytest.fixture
def shop(machine: Machine, store: Callable[..., SandboxStore]) -> Iterator[Shop]:
    """A store without a test clock."""
    opened = shops.shop_of(store("brisk"), machine)
    yield opened
    shops.close(opened)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """The results of calls that are made at the same time."""
    with ThreadPoolExecutor(max_workers=8) as threads:
        return list(threads.map(lambda call: call(), calls))


def soon(look: Callable[[], Any], what: str) -> None:
    eventually(lambda: bool(look()), what, within=90)


def begun(order: Order) -> list[Subscription]:
    """The subscriptions of an order that were begun already."""
    return [Subscription(order.shop, one["subscription"]) for one in order["lines"] if "subscription" in one]


class Lives:
    """Orders of one buyer each, by the name of what becomes of them."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.orders: dict[str, Order] = {}

    def address(self, name: str) -> str:
        return f"{name}@{self.shop.id}.example.com"

    def cart(self, name: str, sku: str, quantity: int = 1) -> Order:
        line = {"sku": sku, "quantity": quantity, "term": TERMS.get(sku, "PT10M")}
        buyer = {"email": self.address(name), "name": name.title(), "language": "en"}
        self.orders[name] = self.shop.order(line, buyer=buyer)
        return self.orders[name]

    def placed(self, name: str, sku: str, quantity: int = 1, card: str = "card_ok") -> Subscription | None:
        order = self.cart(name, sku, quantity)
        if sku in ("declared", "watched") and name.startswith("held"):
            assert order.certify(space=True).ok
        assert order.place(card=card).ok
        if sku in ("declared", "watched") or card == "card_3ds":
            return None
        soon(lambda: begun(order), f"{name} begun")
        subscription = order.subscription
        soon(lambda: self.shop.store.get(subscription.url).status_code == 200, name)
        soon(lambda: subscription.status in ("active", "pending_activation"), name)
        # The term of what is retained ends before the worker stops, so that its retention is what comes due.
        assert sku != "retained" or subscription.stop().ok
        return subscription

    def unpaid(self, name: str) -> None:
        subscription = self.placed(name, "signed", card="card_insufficient_funds")
        assert subscription
        soon(lambda: subscription["document"], "a contract")
        assert subscription.activate().ok
        assert subscription.sign().ok
        soon(lambda: subscription.due("recovery"), "a declined charge")

    def __getitem__(self, name: str) -> Subscription:
        return self.orders[name].subscription

    def stops(self, name: str) -> bool:
        return self[name].stop().status in (200, 201)

    def order_is(self, name: str, status: str) -> None:
        soon(lambda: self.orders[name].status == status, f"{name} {status}")

    def becomes(self, name: str, status: str) -> None:
        soon(lambda: self[name].status == status, f"{name} {status}")

    def arrives(self, template: str, name: str) -> None:
        soon(lambda: self.count(template, name) == 1, f"{template} to {name}")

    def count(self, template: str, name: str) -> int:
        return len(self.shop.mails(template, self.address(name)))

    def begin(self) -> None:
        """Begins everything whose deadlines are to come, what has the shortest time last."""
        together(
            lambda: self.placed("retained", "retained"),
            lambda: self.cart("abandoned", "patient"),
            lambda: self.placed("undeclared", "declared"),
            lambda: self.placed("declaring", "declared"),
            lambda: self.placed("held", "declared"),
            lambda: self.placed("held-unheard", "watched"),
            lambda: self.placed("unconfirmed", "patient", card="card_3ds"),
            lambda: self.placed("confirming", "patient", card="card_3ds"),
            lambda: self.placed("unsigned", "signed"),
            lambda: self.placed("signing", "signed"),
            lambda: self.placed("reminded", "patient"),
            lambda: self.unpaid("unpaid"),
            lambda: self.unpaid("paying"),
        )
        for name in ("unsigned", "signing"):
            assert self[name].activate().ok
        names = ("renewed", "stopping", "stopped", "late", "passing", "inviting")
        together(*(partial(self.placed, name, "running", 2) for name in names))
        assert self["stopped"].stop().ok
        heir = {"email": self.address("heir"), "name": "Heir", "language": "en"}
        assert self["passing"].post("transfer-admin", heir).ok
        assert all(self["inviting"].assign(self.address(name)).ok for name in ("jean", "lise"))
        for name in ("heir", "jean", "lise"):
            self.arrives("admin_transfer_pending" if name == "heir" else "invitation", name)
        self.arrives("renewal_notice", "inviting")
        self.becomes("retained", "data_retained")
        for name in ("unconfirmed", "confirming"):
            self.arrives("payment_action_required", name)
        for name in ("held", "held-unheard"):
            self.order_is(name, "export_hold")


def in_time(lives: Lives) -> list[Any]:
    """What people say before their deadlines, while no worker runs."""
    shop = lives.shop
    return together(
        lives.orders["declaring"].certify,
        lambda: shop.bank.decide(lives.orders["confirming"]["payment"]["action_url"], "approve"),
        lives["signing"].sign,
        lambda: lives["paying"].pay_with("card_ok"),
        lambda: shop.page(shop.link("invitation", "invitation", lives.address("jean"))).send(),
        lambda: shop.page(shop.link("admin_transfer_pending", "transfer", lives.address("heir"))).send(),
        lives["stopping"].stop,
    )


def too_late(lives: Lives) -> Mapping[str, Answer]:
    """What people say from their deadlines on, while no worker runs; the stop comes before the end of its term."""
    unsigned, unpaid = lives["unsigned"], known(lives["unpaid"].due("recovery"))
    soon(lambda: left_until(lives["late"]["stop_by"]) < timedelta(0), "the cutoff")
    stop = lives["late"].stop()
    soon(lambda: left_until(unsigned["activation_by"]) < timedelta(0), "the end of the activation")
    soon(lambda: left_until(unpaid.isoformat()) < timedelta(0), "the end of the recovery")
    said = together(
        lives.orders["undeclared"].certify,
        lives["unsigned"].sign,
        lambda: lives["unpaid"].pay_with("card_ok"),
    )
    return dict(zip(("stop", "certificate", "signature", "card"), (stop, *said), strict=True))


def due_of(lives: Lives) -> list[str]:
    """The instants of all that is to come within the stop."""
    entities = [*lives.orders.values(), *(each for order in lives.orders.values() for each in begun(order))]
    return [
        entry["due_at"]
        for entity in entities
        for entry in entity["agenda"]
        if left_until(entry["due_at"]) < timedelta(minutes=2)
    ]


@pytest.mark.rule("G3", "X21", "T10")
@pytest.mark.timeout(300)
def test_one_stop_of_the_worker_carries_every_deadline_of_a_store(shop: Shop, machine: Machine) -> None:
    lives = Lives(shop)
    lives.begin()
    dues = due_of(lives)
    assert min(left_until(each) for each in dues) > timedelta(0), "the machine is too slow for this test"
    machine.stop("worker")
    assert [each.status for each in in_time(lives) if isinstance(each, Answer)] == [202] * 4
    late = too_late(lives)
    soon(
        lambda: max(left_until(each) for each in dues) < timedelta(seconds=-6), "every deadline and its grace"
    )
    returned = datetime.now(UTC)
    machine.start("worker")
    machine.wait_ready()

    outcomes = {
        "abandoned": "expired", "undeclared": "cancelled", "declaring": "completed", "held": "cancelled",
        "held-unheard": "export_hold", "unconfirmed": "cancelled", "confirming": "processing", "unsigned": "expired",
        "signing": "completed", "unpaid": "expired", "paying": "completed",
    }  # fmt: skip
    for name, status in outcomes.items():
        lives.order_is(name, status)
    for name in ("retained", "stopped", "stopping"):
        lives.becomes(name, "purged")
    for name in ("renewed", "late", "inviting"):
        lives.arrives("renewed", name)
    soon(lambda: lives["inviting"].seats == ["assigned", "free"], "the seats")
    soon(lambda: lives["passing"]["admin"]["email"] == lives.address("heir"), "the admin")
    what_was_late_is_refused(shop, late)
    each_is_met_once_and_none_early(lives)
    nobody_is_punished(lives, returned)
    mails_of(lives)
    for name in ("renewed", "late", "inviting", "passing"):
        soon(partial(lives.stops, name), f"the stop of {name}, where the cutoff locks it no more")


def what_was_late_is_refused(shop: Shop, late: Mapping[str, Answer]) -> None:
    told = {name: shop.store.get(answer.pending).json() for name, answer in late.items()}
    rules = {name: [each["rule"] for each in body["violations"]] for name, body in told.items()}
    assert rules == {"stop": ["D15"], "certificate": ["T5"], "signature": ["P5"], "card": ["P10"]}


EVENTS = {
    "abandoned": {"cart_abandoned": 1, "cart_reminded": 0},
    "undeclared": {"certificate_missing": 1},
    "held": {"hold_expired": 1},
    "held-unheard": {"order_delayed": 1},
}
OF_SUBSCRIPTIONS = {
    "unsigned": {"subscription_void": 1, "activation_reminded": 0},
    "unpaid": {"subscription_void": 1},
    "reminded": {"activation_reminded": 1},
    "confirming": {"activation_reminded": 0},
    "inviting": {"seat_released": 1, "term_ended": 1, "term_started": 1},
    "passing": {"admin_transferred": 1, "admin_transfer_lapsed": 0},
    "renewed": {"renewal_committed": 1, "term_ended": 1, "term_started": 1},
    "late": {"renewal_committed": 1, "renewal_stopped": 0},
    "stopping": {"renewal_stopped": 1, "renewal_committed": 0, "term_started": 0, "data_purged": 1},
    "stopped": {"term_ended": 1, "subscription_ended": 1, "purge_announced": 1, "data_purged": 1},
    "retained": {"subscription_ended": 1, "purge_announced": 1, "data_purged": 1},
}


def each_is_met_once_and_none_early(lives: Lives) -> None:
    """Every event is there as often as it should be, at its own instant and not at that of our return."""
    events = {name: lives.orders[name].events for name in EVENTS}
    events |= {name: events_of_a_term(lives[name]) for name in OF_SUBSCRIPTIONS}
    for name, wanted in (EVENTS | OF_SUBSCRIPTIONS).items():
        assert {each: events[name].count(each) for each in wanted} == wanted, name
    for name, subscription in ((each, lives[each]) for each in ("renewed", "late", "inviting")):
        assert (subscription["term_number"], subscription.charged) == (1, [2000]), name
        told = subscription.timeline()["timeline"]
        started = [at(each["at"]) for each in told if each["event"] == "term_started"]
        assert started == [at(subscription["term_start"])], name


def events_of_a_term(subscription: Subscription) -> list[str]:
    """The events of a subscription, without the cutoff of the term that began meanwhile: a slow machine may come to see it as well."""
    told = [each for each in subscription.timeline()["timeline"] if each["kind"] == "event"]
    renewed = subscription["term_number"] and subscription.status == "active"
    until = subscription["stop_by"] if renewed else None
    return [each["event"] for each in told if until is None or at(each["at"]) < at(until)]


def nobody_is_punished(lives: Lives, returned: datetime) -> None:
    """What was said in time counts, nothing is charged for what lapsed, and data goes no sooner after its warning than promised."""
    paid = ("signing", "paying")
    for name in (*paid, "unsigned", "unpaid", "stopping", "stopped", "retained"):
        assert lives[name].charged == [1000] * (name in paid), name
    for name in ("retained", "stopped", "stopping"):
        told = {each["event"]: each for each in lives[name].timeline()["timeline"]}
        promised = at(told["purge_announced"]["data"]["data_until"])
        assert returned + WARNED_BEFORE < promised <= at(told["data_purged"]["at"]), name


def mails_of(lives: Lives) -> None:
    """Every e-mail arrived once, and each of these as often as its occurrence came."""
    wanted = {
        "cart_reminder": {"abandoned": 0},
        "order_cancelled": {"undeclared": 1, "held": 1, "unconfirmed": 1},
        "order_delayed": {"held-unheard": 1},
        "activation_reminder": {"reminded": 1, "unsigned": 0, "confirming": 0},
        "activation_voided": {"unsigned": 1, "unpaid": 1},
        "contract_ready": {"confirming": 1},
        "payment_recovered": {"paying": 1},
        "seat_released": {"inviting": 1},
        "user_added": {"jean": 1},
        "admin_transferred": {"heir": 1},
        "admin_passed_on": {"passing": 1},
        "renewal_stopped": {"stopping": 1},
        "subscription_ended": {"stopping": 1, "stopped": 1, "retained": 1},
        "purge_warning": {"stopping": 1, "stopped": 1, "retained": 1},
    }
    for template, counts in wanted.items():
        assert {name: lives.count(template, name) for name in counts} == counts, template
    people = (*lives.orders, "jean", "lise", "heir")
    arrived = [each for name in people for each in lives.shop.mails(to=lives.address(name))]
    assert {each["copies"] for each in arrived} == {1}
    assert len({each["message_id"] for each in arrived}) == len(arrived)
