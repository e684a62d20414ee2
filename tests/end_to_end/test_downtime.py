"""Outages and parked steps move the deadlines that protect the vendor, and the customer sees the new date."""

from __future__ import annotations

import pytest

from tests.support.shop import TICK, OpenShop, Shop, at, instant


def extended(shop: Shop) -> list[str]:
    """The texts of the e-mails that announce a new date."""
    return [shop.mailbox.read(each["id"])["text"] for each in shop.mails("deadline_extended")]


@pytest.mark.rule("G7", "P5")
def test_an_outage_over_the_deadline_extends_it_to_the_end_of_the_next_day(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    in_time, late = (shop.order("anchor-design-premium").buy().subscription for _ in range(2))
    shop.to("2026-04-15 12:00")
    for subscription in (in_time, late):
        assert subscription.activate().ok
    assert shop.outage("2026-04-15 23:50", "2026-04-16 00:10").ok
    shop.to("2026-04-16 00:10")
    for subscription in (in_time, late):
        assert (subscription.status, instant(subscription["activation_by"])) == (
            "pending_activation",
            at("2026-04-17 00:00"),
        )
    assert len(extended(shop)) == 2
    assert all("16" in text and "avril" in text for text in extended(shop))
    shop.to(at("2026-04-17 00:00") - TICK)
    assert in_time.sign().ok
    shop.to("2026-04-17 00:00")
    assert late.sign().refused == (409, "activation_window_closed", "P5")
    assert (in_time.status, late.status) == ("active", "void")
    assert [each["rule"] for each in late.timeline()["timeline"] if each["event"] == "deadline_extended"] == [
        "G7"
    ]


@pytest.mark.rule("G7")
@pytest.mark.parametrize(
    ("since", "until", "moves"),
    [
        ("2026-04-15 23:56", "2026-04-16 00:01", False),
        ("2026-04-15 23:56", "2026-04-16 00:01:00.000001", True),
    ],
    ids=["five minutes", "more than five minutes"],
)
def test_only_an_outage_of_more_than_five_minutes_over_the_deadline_counts(
    open_shop: OpenShop, since: str, until: str, *, moves: bool
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy().subscription
    assert shop.outage(since, until).ok
    shop.to("2026-04-16 12:00")
    assert subscription.status == ("pending_activation" if moves else "void")
    shop.to("2026-04-17 00:00")
    assert (subscription.status, len(extended(shop))) == ("void", int(moves))


@pytest.mark.rule("G7", "P5")
@pytest.mark.parametrize("moved", [False, True], ids=["before the deadline", "after it moved the deadline"])
def test_a_withdrawn_outage_moves_nothing_but_what_the_customer_was_told_stays(
    open_shop: OpenShop, *, moved: bool
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription, late = (shop.order("anchor-design-premium").buy().subscription for _ in range(2))
    outage = shop.outage("2026-04-15 23:50", "2026-04-16 00:10").ok["id"]
    shop.to(at("2026-04-16 00:00") if moved else at("2026-04-16 00:00") - TICK)
    assert shop.withdraw_outage(outage).ok
    if moved:
        assert subscription.due("activation_window") == at("2026-04-17 00:00")
        shop.to(at("2026-04-17 00:00") - TICK)
        subscription.start()
        shop.to("2026-04-17 00:00")
    else:
        subscription.start()
        shop.to("2026-04-16 00:00")
    assert (subscription.status, late.status) == ("active", "void")
    assert len(extended(shop)) == (2 if moved else 0)


@pytest.mark.rule("G7", "D15", "T2")
def test_what_protects_the_customer_or_the_law_does_not_move(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-01 09:00")
    jean = f"jean@{shop.id}.example.com"
    stopped, renewed = (
        shop.order({"sku": "collaborator", "term": "P3M"}).buy().subscription for _ in range(2)
    )
    shop.to("2026-03-23 23:30")
    assert renewed.assign(jean).ok
    shop.settle()
    for since, until in (
        ("2026-03-26 23:00", "2026-03-27 01:00"),
        ("2026-03-31 23:00", "2026-04-01 01:00"),
        ("2026-04-11 23:00", "2026-04-12 01:00"),
    ):
        assert shop.outage(since, until).ok
    shop.to("2026-03-27 12:00")
    assert instant(stopped["stop_by"]) == at("2026-03-28 00:00")
    assert instant(renewed["seats"][0]["open_until"]) == at("2026-03-28 00:00")
    assert shop.page(shop.link("invitation", "invitation", jean)).send(name="Jean").status == 200
    assert shop.templates(jean).count("deadline_extended") == 1
    assert stopped.stop().ok
    shop.to("2026-04-01 00:00")
    assert (stopped.status, renewed.status) == ("data_retained", "active")
    assert instant(stopped["retained_until"]) == at("2026-04-11 00:00")
    shop.to("2026-04-11 00:00")
    assert stopped.status == "purged"


@pytest.mark.rule("T5", "T10")
def test_a_parked_mail_holds_the_deadline_it_announces_and_moves_it_by_whole_days(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    moved, held = shop.order("survey-office"), shop.order("sketcher")
    for order in (moved, held):
        assert shop.operate(order.id, "park", "mail/certificate-requested/1").ok
        assert order.place().ok
    shop.to("2026-03-05 14:00")
    assert (moved["waiting_for"], moved.due("certificate_window")) == ("operator", at("2026-03-17 00:00"))
    assert "certificate_requested" not in shop.templates()
    assert shop.operate(moved.id, "retry", "mail/certificate-requested/1").ok
    shop.settle()
    assert moved.due("certificate_window") == at("2026-03-21 00:00")
    assert shop.templates().count("certificate_requested") == len(extended(shop)) == 1
    shop.to("2026-03-21 00:00")
    assert (moved.status, held.status) == ("cancelled", "submitted")
    assert shop.operate(held.id, "retry", "mail/certificate-requested/1").ok
    shop.settle()
    assert held.due("certificate_window") == at("2026-04-05 00:00")
    assert held.certify().ok
    shop.settle()
    assert held.status == "completed"


@pytest.mark.rule("X3")
def test_a_parked_charge_holds_the_recovery_window(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy(card="card_insufficient_funds").subscription
    shop.to("2026-04-15 10:00")
    subscription.start()
    shop.bank.fault("refuse_400", match={"entity": subscription.id}, code="merchant_suspended")
    assert subscription.pay_with("card_ok").ok
    shop.to("2026-04-25 09:00")
    assert (subscription.status, subscription["waiting_for"]) == ("pending_activation", "operator")
    (cause,) = shop.parked()
    assert (cause["step"], cause["count"]) == ("charge", 1)
    assert "merchant_suspended" in cause["cause"]
    assert shop.operate(subscription.id, "retry", "charge").ok
    shop.settle()
    assert (subscription.status, subscription.charged) == ("active", [120000])
    assert shop.parked() == []


@pytest.mark.rule("G7", "H25", "G8")
def test_a_renewal_waits_for_a_stop_whose_last_day_an_outage_moved_beyond_the_term(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    orders = [shop.order("anchor-design-standard") for _ in range(3)]
    stopped, renewed, late = (order.buy().subscription.start() for order in orders)
    assert shop.outage("2027-01-14 23:50", "2027-01-15 00:10").ok
    shop.to("2027-01-15 00:10")
    for subscription in (stopped, renewed, late):
        assert instant(subscription["stop_by"]) == at("2027-01-16 00:00")
        assert (subscription.status, subscription.charged) == ("active", [48000])
    assert len(extended(shop)) == 3
    shop.to(at("2027-01-16 00:00") - TICK)
    assert shop.entitled("anchor-design-standard")
    assert instant(stopped.stop().ok["result"]["term_end"]) == at("2027-01-15 00:00")
    shop.settle()
    told = " ".join(shop.prose("renewal_stopped").replace("’", "'").replace("*", "").split())
    assert "l'utiliser jusqu'au vendredi 15 janvier 2027" in told
    assert instant(stopped["usable_until"]) == at("2027-01-16 00:00")
    asked = {"store": shop.id, "email": shop.email, "sku": "anchor-design-standard"}
    grants = shop.store.get("/v1/entitlements", **asked).json()["subscriptions"]
    assert stopped.id in [each["id"] for each in grants]
    shop.to("2027-01-16 00:00")
    assert late.stop().ok["standing"] == "stop_requested"
    assert (stopped.status, stopped.charged) == ("data_retained", [48000])
    assert instant(stopped["retained_until"]) == at("2027-01-30 00:00")
    for subscription in (renewed, late):
        assert (subscription.status, subscription.charged) == ("active", [48000, 48000])
        assert instant(subscription["term_end"]) == at("2028-01-15 00:00")


@pytest.mark.rule("G7", "X3", "P10")
def test_another_card_that_is_declined_in_the_time_that_an_outage_added_leaves_that_time(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy(card="card_insufficient_funds").subscription
    shop.to("2026-04-15 10:00")
    subscription.start()
    assert shop.outage("2026-04-22 23:50", "2026-04-23 00:10").ok
    shop.to("2026-04-23 12:00")
    assert subscription.due("recovery") == at("2026-04-24 00:00")
    assert subscription.pay_with("card_insufficient_funds").ok
    shop.settle()
    assert (subscription.status, subscription.due("recovery")) == (
        "pending_activation",
        at("2026-04-24 00:00"),
    )
    assert shop.templates().count("payment_failed") == 2
    assert "23 avril" in shop.letter("payment_failed")["text"]
    assert (len(extended(shop)), subscription.events.count("deadline_extended")) == (1, 1)
    shop.to(at("2026-04-24 00:00") - TICK)
    assert subscription.pay_with("card_ok").ok
    shop.to("2026-04-24 00:00")
    assert (subscription.status, subscription.charged) == ("active", [120000])


@pytest.mark.rule("G7", "X17")
def test_a_report_in_the_time_that_an_outage_added_to_a_confirmation_leaves_that_time(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = shop.order("drafting-light")
    assert order.place(card="card_3ds").ok
    outage = shop.outage("2026-03-03 23:50", "2026-03-04 00:10").ok["id"]
    shop.to("2026-03-04 12:00")
    assert order.due("authentication") == at("2026-03-05 00:00")
    assert shop.withdraw_outage(outage).ok
    shop.hint(order)
    shop.settle()
    assert (order.status, order.due("authentication")) == ("submitted", at("2026-03-05 00:00"))
    shop.to(at("2026-03-05 00:00") - TICK)
    shop.bank.decide(order["payment"]["action_url"], "approve")
    shop.to("2026-03-05 00:00")
    assert (order.status, order.charged, len(extended(shop))) == ("completed", [56000], 1)
