"""The ends of lifecycles: stopped, resumed, purged, void, abandoned, cancelled."""

from __future__ import annotations

import pytest

from tests.support.shop import TICK, OpenShop, at, instant


@pytest.mark.rule("D16", "X4", "P10")
def test_stopped_ended_kept_and_purged(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-01 09:00")
    order = shop.order("mechanical-designer").buy()
    subscription = order.subscription
    assert subscription.assign("jean@example.com").ok
    shop.to("2026-12-20 12:00")
    stopped = subscription.stop().ok
    assert (stopped["standing"], stopped["next_renewal_at"]) == ("stop_requested", None)
    assert subscription.stop().ok["standing"] == "stop_requested"
    shop.settle()
    assert shop.templates().count("renewal_stopped") == 1
    assert "3 janvier 2027" in shop.letter("renewal_stopped")["text"]
    shop.to(at("2027-01-01 00:00") - TICK)
    assert subscription.standing == "stop_requested"
    shop.to("2027-01-01 00:00")
    assert (subscription.status, subscription.seats) == ("data_retained", ["free"])
    assert instant(subscription["retained_until"]) == at("2027-01-04 00:00")
    assert subscription.resume().refused == (409, "not_active", "P10")
    assert subscription.assign("jean@example.com").refused == (409, "not_active", "P10")
    shop.to(at("2027-01-04 00:00") - TICK)
    assert subscription.status == "data_retained"
    shop.to("2027-01-04 00:00")
    assert subscription.status == "purged"
    assert shop.templates()[-3:] == ["renewal_stopped", "purge_warning", "subscription_ended"]
    assert instant(shop.mails("purge_warning")[0]["sent_at"]) == at("2026-12-31 09:00")
    assert subscription.stop().refused[:2] == (409, "entity_closed")
    shop.to("2028-06-01 00:00")
    assert (order.charged, subscription.charged) == ([264000], [])


@pytest.mark.rule("D15", "D16")
def test_resumed_before_the_cutoff_it_renews(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-01 09:00")
    subscription = shop.order({"sku": "mechanical-designer", "term": "P3M"}).buy().subscription
    shop.to("2026-03-10 12:00")
    assert subscription.stop().ok
    assert subscription.resume().ok["status"] == "active"
    assert subscription.resume().ok["status"] == "active"
    assert subscription.stop().ok
    assert subscription.resume().ok
    shop.to("2026-04-01 00:00")
    assert (subscription.status, subscription.charged) == ("active", [79200])
    assert shop.templates().count("renewal_stopped") == shop.templates().count("renewal_resumed") == 2
    assert subscription.stop().ok["standing"] == "stop_requested"


@pytest.mark.rule("H24", "C1")
def test_a_stop_takes_a_reason_except_of_a_consumer(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    office = shop.order("anchor-design-standard").buy().subscription.start()
    student = shop.order("anchor-design-standard", audience="student_or_intern").buy().subscription.start()
    assert (office["stop_needs_reason"], student["stop_needs_reason"]) == (True, False)
    refused = office.stop(reason=None)
    assert refused.refused == (422, "reason_missing", "H24")
    assert refused.body["violations"][0]["pointer"] == "/reason"
    assert office.stop(reason=" ").status == 422
    assert (office.standing, "renewal_stopped" in shop.templates()) == ("active", False)
    assert office.stop().ok["standing"] == "stop_requested"
    (told,) = [each for each in office.timeline()["timeline"] if each["event"] == "renewal_stopped"]
    assert told["data"]["reason"] == "project over"
    assert student.stop(reason=None).ok["standing"] == "stop_requested"


@pytest.mark.rule("H24")
def test_a_store_that_asks_for_no_reason_takes_a_stop_without_one(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-01-15 10:30")
    subscription = shop.order("drafting-light").buy().subscription
    assert subscription.stop(reason=None).ok["standing"] == "stop_requested"


@pytest.mark.rule("H25")
def test_usable_through_the_last_day_and_stoppable_until_then(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-standard").buy().subscription.start()
    shop.to("2027-01-14 23:59:59")
    assert subscription.stop().ok
    shop.to(at("2027-01-15 00:00") - TICK)
    assert shop.entitled("anchor-design-standard")
    shop.to("2027-01-15 00:00")
    assert not shop.entitled("anchor-design-standard")
    assert subscription.status == "data_retained"
    assert instant(subscription["retained_until"]) == at("2027-01-29 00:00")
    shop.to("2027-01-25 09:00")
    assert shop.templates()[-1] == "purge_warning"
    assert subscription.charged == [48000]


@pytest.mark.rule("P5", "P8", "X2")
def test_not_activated_in_ninety_days_it_is_void_at_no_charge(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium").buy()
    subscription, link = order.subscription, shop.link("contract_ready", "contract")
    assert subscription.activate().ok
    shop.to(at("2026-04-16 00:00") - TICK)
    assert shop.templates()[2:] == ["activation_reminder"] * 4
    reminded = [each["sent_at"] for each in shop.mails("activation_reminder")]
    assert [at(each).astimezone(at("2026-01-01").tzinfo).strftime("%m-%d %H:%M") for each in reminded] == [
        "02-14 09:00", "03-16 09:00", "04-08 09:00", "04-14 09:00",
    ]  # fmt: skip
    shop.to("2026-04-16 00:00")
    assert (subscription.status, order.status) == ("void", "expired")
    assert subscription.sign().refused == (409, "activation_window_closed", "P5")
    assert shop.page(link).status == 200
    assert not shop.page(link).has_form
    assert "15 avril" in shop.letter("activation_voided")["text"]
    (mandate,) = shop.bank.mandates(entity=order.id)
    assert mandate["status"] == "released"
    shop.to("2027-06-01 00:00")
    assert order.charged == subscription.charged == []
    audits = [each for each in subscription.timeline()["timeline"] if each["rule"] == "P5"]
    assert [each["event"] for each in audits][-1] == "subscription_void"


def test_a_cart_is_reminded_once_and_then_let_go(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-01 10:00")
    order = shop.order("drafting-suite")
    shop.to("2026-03-02 09:00")
    assert shop.templates() == ["cart_reminder"]
    shop.to("2026-03-15 12:00")
    edited = shop.store.patch(order.url, {"lines": [{"sku": "drafting-light", "quantity": 2, "term": "P1Y"}]})
    assert edited.json()["total"] == {"amount": "1120.00", "currency": "EUR"}
    shop.to(at("2026-04-15 00:00") - TICK)
    assert order.status == "cart"
    shop.to("2026-04-15 00:00")
    assert (order.status, shop.templates()) == ("expired", ["cart_reminder"])
    assert order.place().refused[1] == "entity_closed"


def test_an_order_is_called_off_before_and_after_it_was_paid(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    cart = shop.order("anchor-design-premium")
    assert cart.cancel().ok["status"] == "cancelled"
    order = shop.order("anchor-design-premium").buy()
    assert order.cancel().ok["status"] == "processing"
    shop.settle()
    shop.on("P1D")
    assert (order.status, order.subscription.status) == ("cancelled", "void")
    assert [each["status"] for each in shop.bank.mandates(entity=order.id)] == ["released"]
    assert order.subscription.activate().refused[0] == 409
    active = shop.order("anchor-design-standard").buy()
    active.subscription.start()
    assert active.cancel().refused[0] == 409
    assert active.subscription.status == "active"


@pytest.mark.rule("D15", "D16", "D17")
def test_stopped_in_a_term_that_a_parked_charge_keeps_from_starting(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-01 09:00")
    subscription = shop.order({"sku": "mechanical-designer", "term": "P3M"}).buy().subscription
    shop.bank.fault("refuse_400", match={"entity": subscription.id}, code="merchant_suspended")
    shop.to("2026-07-10 12:00")
    assert (subscription["waiting_for"], subscription["term_number"]) == ("operator", 1)
    assert subscription.stop().ok
    assert subscription.stop().ok
    shop.settle()
    assert shop.templates().count("renewal_stopped") == 1
    assert shop.operate(subscription.id, "retry", "charge").ok
    shop.settle()
    assert (subscription.standing, subscription["term_number"]) == ("stop_requested", 2)
    assert instant(subscription["term_end"]) == at("2026-10-01 00:00")
    shop.to("2026-10-01 00:00")
    assert (subscription.status, subscription.charged) == ("purged", [79200, 79200])


@pytest.mark.rule("G3")
def test_a_cancellation_is_answered_once_its_lines_have_answered_and_the_later_stamp_loses(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    signed, open_ = (shop.order("anchor-design-premium").buy() for _ in range(2))
    for order in (signed, open_):
        assert order.subscription.activate().ok
    # The order does not know yet that its line is active.
    paid = {"entity": signed.subscription.id}
    shop.bank.fault("late_commit", match=paid, operation="charge", seconds=2)
    assert signed.subscription.sign().ok
    assert signed.cancel().refused[:2] == (409, "order_active")
    assert open_.cancel().ok["cancel_requested_at"] is not None
    assert open_.subscription.sign().refused[0] == 409
    shop.settle()
    assert [(each.status, each.subscription.status) for each in (signed, open_)] == [
        ("completed", "active"),
        ("cancelled", "void"),
    ]
    assert (signed["cancel_requested_at"], signed.subscription.charged) == (None, [120000])
    assert open_.subscription.charged == []
    assert shop.templates().count("order_cancelled") == shop.templates().count("cancellation_refused") == 1
    assert "avait été signé" in shop.letter("cancellation_refused")["text"]


@pytest.mark.rule("G3")
def test_a_line_that_was_signed_keeps_the_order_although_the_others_become_void(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium", "anchor-design-standard").buy()
    first, second = order.subscriptions
    assert first.activate().ok
    shop.bank.fault("late_commit", match={"entity": first.id}, operation="charge", seconds=2)
    assert first.sign().ok
    refused = order.cancel()
    assert (refused.refused[:2], first.id in refused.body["detail"]) == ((409, "order_active"), True)
    shop.settle()
    assert (order.status, first.status, second.status) == ("completed", "active", "void")
    assert first.charged == [120000]
    assert "Ce qui n'avait pas été signé est annulé" in shop.letter("cancellation_refused")["text"].replace(
        "’", "'"
    )
