"""Scenarios whose closed histories form the replay corpus: every end of an order or a subscription."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.shop import Entity, Order, Shop, eventually

Lived = list[Entity]


@dataclass(frozen=True)
class Scenario:
    """One scenario. `live` runs lifecycles of a shop from 2026-01-15 10:30 to their ends; `ends` are the final statuses."""

    store: str
    live: Callable[[Shop], Lived]
    ends: tuple[str, ...]


def _with_subscriptions(*orders: Order) -> Lived:
    return [entity for order in orders for entity in (order, *order.subscriptions)]


def signed_renewed_and_stopped(shop: Shop) -> Lived:
    order = shop.order("anchor-design-premium").buy()
    shop.to("2026-03-20 09:00")
    subscription = order.subscription.start()
    assert subscription.assign(f"jean@{shop.id}.example.com").ok
    shop.to("2027-03-20 00:00")
    assert subscription.stop().ok
    assert subscription.resume().ok
    shop.to("2028-06-01 12:00")
    assert subscription.stop().ok
    shop.to("2029-06-01 12:00")
    return _with_subscriptions(order)


def never_activated(shop: Shop) -> Lived:
    order = shop.order("anchor-design-premium", "profile-design").buy()
    assert shop.outage("2026-04-15 23:00", "2026-04-16 01:00").ok
    assert order.subscriptions[0].activate().ok
    shop.to("2026-06-01 12:00")
    return _with_subscriptions(order)


def activation_declined(shop: Shop) -> Lived:
    recovered, void = (shop.order("anchor-design-standard").buy(card="card_declined") for _ in range(2))
    shop.to("2026-04-15 12:00")
    recovered.subscription.start()
    void.subscription.start()
    assert recovered.subscription.pay_with("card_ok").ok
    shop.settle()
    shop.to("2026-04-30 12:00")
    assert recovered.subscription.stop().ok
    shop.to("2027-06-01 12:00")
    return _with_subscriptions(recovered, void)


def certified_held_and_released(shop: Shop) -> Lived:
    order = shop.order("survey-office")
    assert order.place().ok
    shop.to("2026-01-20 10:00")
    assert order.certify(space=True).ok
    shop.to("2026-01-27 10:00")
    for reviewer in ("compliance", "compliance_second"):
        assert order.decide("release", role=reviewer).ok
    shop.settle()
    subscription = order.subscription
    people = [f"{name}@{shop.id}.example.com" for name in ("jean", "lise")]
    assert subscription.assign(people[0]).ok
    shop.on("PT72H")
    assert subscription.assign(people[1]).ok
    shop.settle()
    shop.page(shop.link("invitation", "invitation", people[1])).send(name="Lise")
    assert subscription.revoke(1).ok
    listed = {"email": f"adam@{shop.id}.example.com", "name": "Adam Al Herz", "language": "en"}
    assert subscription.post("seats", listed).ok["result"]["state"] == "held"
    shop.settle()
    for reviewer in ("compliance", "compliance_second"):
        assert subscription.decide("release", role=reviewer).ok
    shop.settle()
    assert subscription.stop().ok
    shop.to("2027-06-01 12:00")
    return _with_subscriptions(order)


def not_exported(shop: Shop) -> Lived:
    embargoed, rejected, expired, unanswered = (shop.order("sketcher") for _ in range(4))
    assert embargoed.certify(access_countries=["IR"]).ok
    for order in (rejected, expired):
        assert order.certify(state_owned=True).ok
    for order in (embargoed, rejected, expired, unanswered):
        assert order.place().ok
    shop.settle()
    assert rejected.decide("reject").ok
    shop.to("2026-04-01 12:00")
    return [embargoed, rejected, expired, unanswered]


def carts_and_cancellations(shop: Shop) -> Lived:
    abandoned, cancelled, unconfirmed, denied = (shop.order("drafting-light") for _ in range(4))
    assert cancelled.cancel().ok
    for order in (unconfirmed, denied):
        assert order.place(card="card_3ds").ok
    shop.settle()
    shop.bank.decide(denied["payment"]["action_url"], "deny")
    eventually(lambda: denied.status == "cart", "the bank's word")
    shop.to("2026-06-01 12:00")
    return [abandoned, cancelled, unconfirmed, denied]


def called_off_after_placing(shop: Shop) -> Lived:
    order = shop.order("anchor-design-premium").buy()
    assert order.cancel().ok
    shop.on("P1D")
    return _with_subscriptions(order)


def repaired_by_operators(shop: Shop) -> Lived:
    retried, skipped, compensated = (shop.order("drafting-light") for _ in range(3))
    for order in (retried, skipped, compensated):
        shop.bank.fault("refuse_400", match={"entity": order.id})
        assert shop.operate(order.id, "park", "mail/order-confirmed").ok
        assert order.place().ok
    shop.to("2026-01-20 10:00")
    assert shop.operate(retried.id, "retry", "payment", edit={"method": "card_ok"}).ok
    assert shop.operate(skipped.id, "skip", "payment", evidence={"reference": "cheque 42"}).ok
    assert shop.operate(compensated.id, "compensate", "payment").ok
    shop.settle()
    for order in (retried, skipped):
        assert shop.operate(order.id, "retry", "mail/order-confirmed").ok
        shop.settle()
        assert order.subscription.stop().ok
    shop.to("2027-06-01 12:00")
    return [*_with_subscriptions(retried, skipped), compensated]


def renewed_past_due_and_ended(shop: Shop) -> Lived:
    ended, recovered = (
        shop.order("drafting-light").buy(card=f"card_expires_later.{shop.id}.{number}") for number in range(2)
    )
    for number, order in enumerate((ended, recovered)):
        assert order.subscription.pay_with(f"card_recovers.{shop.id}.{number}").ok
    shop.to("2027-01-17 12:00")
    assert recovered.subscription.standing == "past_due"
    assert recovered.subscription.pay_with("card_ok").ok
    shop.settle()
    assert recovered.subscription.stop().ok
    shop.to("2028-06-01 12:00")
    return _with_subscriptions(ended, recovered)


def monthly_from_the_31st(shop: Shop) -> Lived:
    shop.to("2026-01-31 10:00")
    order = shop.order({"sku": "design-for-makers", "term": "P1M"}, audience="maker").buy()
    shop.to("2026-04-02 10:00")
    assert order.subscription.stop().ok
    shop.to("2026-06-01 12:00")
    return _with_subscriptions(order)


def in_real_seconds(shop: Shop) -> Lived:
    order, left = (shop.order({"sku": "signed", "term": "PT20S"}) for _ in range(2))
    for each in (order, left):
        assert each.place().ok
    eventually(lambda: order.status == left.status == "processing", "their subscriptions")
    subscription = order.subscription
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: subscription["term_number"] == 1, "a renewal", within=60)
    assert subscription.stop().ok
    eventually(lambda: (subscription.status, left.status) == ("purged", "expired"), "the ends", within=90)
    return _with_subscriptions(order, left)


SCENARIOS: dict[str, Scenario] = {
    "signed": Scenario("fastening", signed_renewed_and_stopped, ("completed", "purged")),
    "never-activated": Scenario("fastening", never_activated, ("expired", "void", "void")),
    "activation-declined": Scenario(
        "fastening", activation_declined, ("completed", "purged", "expired", "void")
    ),
    "held": Scenario("geomatics", certified_held_and_released, ("completed", "purged")),
    "not-exported": Scenario("geomatics", not_exported, ("rejected", "rejected", "cancelled", "cancelled")),
    "carts": Scenario("drafting", carts_and_cancellations, ("expired", "cancelled", "cancelled", "expired")),
    "called-off": Scenario("fastening", called_off_after_placing, ("cancelled", "void")),
    "repaired": Scenario(
        "drafting", repaired_by_operators, ("completed", "purged", "completed", "purged", "cancelled")
    ),
    "past-due": Scenario(
        "drafting", renewed_past_due_and_ended, ("completed", "purged", "completed", "purged")
    ),
    "monthly": Scenario("lifecycle", monthly_from_the_31st, ("completed", "purged")),
    "seconds": Scenario("rapid", in_real_seconds, ("completed", "purged", "expired", "void")),
}
