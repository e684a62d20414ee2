"""Money: declines, confirmations at the bank, recovery and refunds. Every capture is counted at the payment sandbox."""

from __future__ import annotations

import pytest

from tests.support.shop import TICK, Entity, OpenShop, Order, Shop, at, eventually, instant


def heard(entity: Entity, event: str = "payment_reported", times: int = 1) -> None:
    """Waits until the provider's report has arrived and everything that follows from it is settled."""
    eventually(lambda: entity.events.count(event) >= times, f"{event} of {entity.id}")
    entity.shop.settle()


def asked_to_confirm(shop: Shop, card: str = "card_3ds") -> tuple[Order, str]:
    """An order whose payment the customer must confirm, and the address of the confirmation."""
    order = shop.order("drafting-light")
    assert order.place(card=card).ok
    shop.settle()
    assert (order["payment"]["state"], order["waiting_for"]) == (
        "action_required",
        "buyer_payment_confirmation",
    )
    return order, order["payment"]["action_url"]


@pytest.mark.rule("T15")
def test_a_decline_gives_the_cart_back_and_placing_again_works(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = shop.order("drafting-light")
    assert order.place(card="card_insufficient_funds").ok
    shop.settle()
    assert (order.status, order["payment"]["code"]) == ("cart", "insufficient_funds")
    assert shop.templates() == ["order_processing", "payment_failed"]
    shop.on("P2D")
    assert order.place(card="card_lost").ok
    shop.settle()
    assert (order.status, order["payment"]["code"]) == ("cart", "lost_card")
    assert order.place().ok
    shop.settle()
    assert (order.status, order.charged) == ("completed", [56000])
    assert order.place().refused[0] == 409


@pytest.mark.rule("T10", "G3")
def test_a_payment_confirmed_at_the_bank_in_the_last_microsecond_goes_on(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order, url = asked_to_confirm(shop)
    assert url in shop.page(shop.link("payment_action_required", "payment")).response.text
    assert order.due("order_news") is None
    shop.to(at("2026-03-04 00:00") - TICK)
    shop.bank.decide(url, "approve")
    shop.to("2026-03-04 00:00")
    assert (order.status, order.charged) == ("completed", [56000])


@pytest.mark.rule("X17")
def test_a_payment_confirmed_in_time_counts_although_its_report_was_lost(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order, url = asked_to_confirm(shop)
    shop.bank.fault("lose_report", match={"entity": order.id}, count=9)
    shop.bank.decide(url, "approve")
    shop.to("2026-03-04 00:00")
    assert (order.status, order.charged) == ("completed", [56000])
    assert "order_cancelled" not in shop.templates()


@pytest.mark.rule("X17", "X3")
def test_a_renewal_confirmed_in_time_counts_although_its_report_was_lost(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy(card="card_ok").subscription
    subscription.start()
    assert subscription.pay_with("card_3ds").ok
    shop.to("2027-01-15 00:00")
    assert subscription.standing == "past_due"
    shop.bank.fault("lose_report", match={"entity": subscription.id}, count=9)
    shop.bank.decide(subscription["payment"]["action_url"], "approve")
    shop.to("2027-01-23 00:00")
    assert (subscription.status, len(subscription.charged)) == ("active", 2)


def test_a_payment_denied_at_the_bank_gives_the_cart_back(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order, url = asked_to_confirm(shop)
    shop.bank.decide(url, "deny")
    heard(order)
    assert (order.status, order["payment"]["code"], order.charged) == ("cart", "authentication_failed", [])
    assert order.place().ok
    shop.settle()
    assert (order.status, order.charged) == ("completed", [56000])


@pytest.mark.parametrize("ended", ["nobody came", "called off"])
def test_a_confirmation_after_the_end_takes_no_money(open_shop: OpenShop, ended: str) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order, url = asked_to_confirm(shop)
    if ended == "called off":
        assert order.cancel().ok
        shop.settle()
    else:
        shop.to("2026-03-04 00:00")
    assert order.status == "cancelled"
    shop.bank.decide(url, "approve")
    shop.on("P1D")
    captured = order.captures
    assert sum(each["amount"] - each["refunded"] for each in captured) == 0
    assert shop.templates().count("order_cancelled") == 1


@pytest.mark.rule("P8")
def test_the_ninety_days_run_from_the_order_not_from_the_mail(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium")
    assert order.place(card="card_3ds").ok
    shop.to("2026-01-16 20:00")
    shop.bank.decide(order["payment"]["action_url"], "approve")
    heard(order)
    assert instant(order.subscription["activation_by"]) == at("2026-04-16 00:00")
    assert at(shop.letter("contract_ready")["sent_at"]) == at("2026-01-16 20:00")


@pytest.mark.rule("X3", "P10")
def test_a_declined_activation_is_recovered_by_another_card(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy(card="card_insufficient_funds").subscription
    assert subscription.pay_with("card_ok").refused == (409, "not_active", "P10")
    subscription.start()
    assert (subscription.status, subscription["waiting_for"]) == (
        "pending_activation",
        "buyer_payment_method",
    )
    assert shop.templates()[-1] == "payment_failed"
    assert subscription.pay_with("card_declined").ok
    shop.settle()
    assert (subscription.status, subscription["payment"]["code"]) == ("pending_activation", "do_not_honor")
    shop.to("2026-01-20 10:00")
    assert subscription.pay_with("card_ok").ok
    shop.settle()
    assert (subscription.status, subscription.charged) == ("active", [120000])
    assert instant(subscription["term_start"]) == at("2026-01-20 10:00")
    assert shop.templates()[-2:] == ["payment_recovered", "subscription_active"]


@pytest.mark.rule("P9", "X3")
@pytest.mark.parametrize("first", ["card_insufficient_funds", "card_ok"], ids=["declined", "captured"])
def test_a_card_given_while_the_former_is_being_charged_is_used_only_if_needed(
    open_shop: OpenShop, first: str
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy(card=first).subscription
    shop.bank.fault("late_commit", match={"entity": subscription.id}, operation="charge", seconds=3)
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: shop.bank.charges(entity=subscription.id), "the charge under way")
    assert subscription.pay_with("card_ok").ok
    assert subscription.charged == []
    shop.settle()
    assert (subscription.status, subscription.charged) == ("active", [120000])
    assert not {"payment_failed", "payment_recovered"} & set(shop.templates())


@pytest.mark.rule("X3", "P5")
@pytest.mark.parametrize(
    ("signed", "closes"),
    [("2026-01-20 10:00", "2026-04-16 00:00"), ("2026-04-15 23:59:59.999999", "2026-04-23 00:00")],
    ids=["day 90 is later", "seven days are later"],
)
def test_steps_done_in_time_stay_done_through_dunning(open_shop: OpenShop, signed: str, closes: str) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium").buy(card="card_insufficient_funds")
    recovered = shop.order("anchor-design-premium").buy(card="card_insufficient_funds").subscription
    shop.to(signed)
    subscription = order.subscription.start()
    recovered.start()
    assert subscription.due("recovery") == at(closes)
    shop.to(at(closes) - TICK)
    assert subscription.status == "pending_activation"
    assert recovered.pay_with("card_ok").ok
    shop.settle()
    shop.to(closes)
    assert subscription.pay_with("card_ok").refused[0] == 409
    assert (subscription.status, subscription.charged, order.status) == ("void", [], "expired")
    assert (recovered.status, recovered.charged) == ("active", [120000])
    assert [each["status"] for each in shop.bank.mandates(entity=order.id)] == ["released"]


@pytest.mark.rule("G8", "D14")
def test_a_declined_renewal_keeps_access_through_dunning_and_recovers(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    card = f"card_expires_later.{shop.id}"
    subscription = shop.order("anchor-design-standard").buy(card=card).subscription.start()
    shop.to("2027-01-15 00:00")
    assert (subscription.standing, subscription.charged) == ("past_due", [48000])
    assert shop.entitled("anchor-design-standard")
    shop.to("2027-01-20 10:00")
    assert shop.entitled("anchor-design-standard")
    assert subscription.pay_with("card_ok").ok
    shop.settle()
    assert (subscription.status, subscription.charged) == ("active", [48000] * 2)
    assert instant(subscription["term_start"]) == at("2027-01-15 00:00")
    assert instant(subscription["term_end"]) == at("2028-01-15 00:00")
    assert shop.templates()[-3:] == ["payment_failed", "payment_recovered", "renewed"]
    shop.to("2028-01-15 00:00")
    assert subscription.charged == [48000] * 3


@pytest.mark.rule("G8", "X3", "X4")
def test_a_renewal_that_is_never_settled_ends_the_subscription(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-01-15 10:30")
    subscription = shop.order("drafting-light").buy(card=f"card_expires_later.{shop.id}").subscription
    assert subscription.assign(shop.email).ok
    shop.settle()
    shop.to("2027-01-15 00:00")
    assert subscription.standing == "past_due"
    assert subscription.due("recovery") == at("2027-01-23 00:00")
    shop.to(at("2027-01-23 00:00") - TICK)
    assert subscription.standing == "past_due"
    shop.to("2027-01-23 00:00")
    assert (subscription.status, subscription.charged) == ("data_retained", [])
    assert shop.templates()[-1] == "subscription_ended"
    assert "faute de paiement" in shop.letter("subscription_ended")["text"]
    shop.to("2027-04-01 00:00")
    assert subscription.status == "purged"


def given_back(order: Order) -> list[tuple[int, int]]:
    """The captures of an order, each with the amount refunded."""
    return [(each["amount"], each["refunded"]) for each in order.captures]


@pytest.mark.rule("P5")
def test_a_line_that_is_never_signed_goes_back_alone(open_shop: OpenShop) -> None:
    shop = open_shop("prepaid", "2026-03-02 10:00")
    order = shop.order("girder", {"sku": "truss", "quantity": 2}).buy()
    assert (order.charged, shop.templates()[:2]) == ([120000], ["contract_ready"] * 2)
    girder, truss = order.subscriptions
    girder.start()
    shop.to(at("2026-04-02 00:00") - TICK)
    assert given_back(order) == [(120000, 0)]
    shop.to("2026-04-02 00:00")
    assert (order.status, girder.status, truss.status) == ("completed", "active", "void")
    assert given_back(order) == [(120000, 90000)]
    assert "900,00 €" in shop.letter("activation_voided")["text"]
    shop.to("2027-03-02 00:00")
    assert (girder.charged, given_back(order)) == ([30000], [(120000, 90000)])


@pytest.mark.rule("P5")
@pytest.mark.parametrize("ended", ["expired", "cancelled"])
def test_an_order_that_comes_to_nothing_goes_back_whole(open_shop: OpenShop, ended: str) -> None:
    shop = open_shop("prepaid", "2026-03-02 10:00")
    order = shop.order("girder", "truss").buy()
    assert order.charged == [75000]
    if ended == "cancelled":
        assert order.cancel().ok
        shop.settle()
    shop.to("2026-04-02 00:00")
    assert (order.status, given_back(order)) == (ended, [(75000, 75000)])
    assert {each.status for each in order.subscriptions} == {"void"}
    if ended == "cancelled":
        told = shop.letter("order_cancelled")["text"]
        assert "750,00 €" in told
        assert "débité" not in told
    assert order.subscriptions[0].sign().refused[0] == 409


def test_a_word_of_the_bank_that_changes_nothing_leaves_the_window_as_it_was(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order, _ = asked_to_confirm(shop)
    before = order.events.count("payment_reported")
    shop.hint(order)
    heard(order, times=before + 1)
    assert (order["waiting_for"], order.due("authentication")) == (
        "buyer_payment_confirmation",
        at("2026-03-04"),
    )
    shop.to("2026-03-04 00:00")
    assert (order.status, order.charged) == ("cancelled", [])


@pytest.mark.rule("D14")
def test_a_free_order_needs_no_payment_method_no_charge_and_no_mandate(open_shop: OpenShop) -> None:
    shop = open_shop("prepaid", "2026-03-02 10:00")
    order = shop.order("sample", "sample-activated")
    assert order.place(payment_method=None).ok
    shop.settle()
    assert (order.status, order["payment"]) == ("processing", None)
    for subscription in order.subscriptions:
        subscription.start()
    assert order.status == "completed"
    shop.to("2027-03-02 00:00")
    assert [(each.status, each["term_number"]) for each in order.subscriptions] == [("active", 1)] * 2
    assert shop.bank.captures(store=shop.id) == shop.bank.mandates(store=shop.id) == []
    assert shop.parked() == []
    assert "payment_failed" not in shop.templates()
