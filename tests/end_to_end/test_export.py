"""Export compliance: acceptance, certificate, destinations, hold by two people, and the news clock."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.jalon.cli.conftest import Jalon, program
from tests.support.shop import TICK, OpenShop, Order, Shop, at, instant
from tests.support.world import eventually

__all__ = ["program"]


def on_hold(shop: Shop) -> Order:
    order = shop.order("survey-office")
    assert order.certify(state_owned=True).ok
    assert order.place().ok
    shop.settle()
    assert order.status == "export_hold"
    return order


@pytest.mark.rule("T4", "T17")
def test_without_accepting_the_requirements_there_is_no_order(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("survey-office")
    refused = order.place(export_control_accepted=False)
    assert refused.refused[0] == 422
    assert {each["rule"] for each in refused.body["violations"]} == {"T4"}
    assert order.status == "cart"


@pytest.mark.rule("T5", "T10")
def test_a_certificate_may_come_after_the_order_and_the_news_clock_waits_for_it(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("survey-office")
    assert order.place().ok
    shop.settle()
    assert (order["waiting_for"], order.due("order_news")) == ("buyer_certificate", None)
    assert shop.templates() == ["certificate_requested"]
    assert order.due("certificate_window") == at("2026-03-17 00:00")
    shop.to("2026-03-11 18:00")
    wrong = order.certify(end_use="business", nuclear="no", country_of_use="Frankreich")
    assert wrong.status == 422
    assert {each["pointer"] for each in wrong.body["violations"]} == {
        "/answers/end_use", "/answers/nuclear", "/answers/country_of_use",
    }  # fmt: skip
    assert "order_delayed" not in shop.templates()
    assert order.certify(space=True).ok
    shop.settle()
    assert order.status == "export_hold"
    assert order.due("order_news") == at("2026-03-14 00:00")
    assert "jusqu’au vendredi 13 mars 2026 à 23:59" in shop.letter("order_processing")["text"]


@pytest.mark.rule("T5", "G1")
def test_without_a_certificate_in_time_the_order_is_cancelled(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-20 10:00")
    late, in_time = shop.order("survey-office"), shop.order("sketcher")
    for order in (late, in_time):
        assert order.place().ok
    shop.to(at("2026-04-04 00:00") - TICK)
    assert in_time.certify().ok
    shop.to("2026-04-04 00:00")
    assert late.certify().refused[0] == 409
    assert (late.status, in_time.status) == ("cancelled", "completed")
    assert late.charged == []
    assert shop.templates().count("order_cancelled") == 1


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    "answers",
    [
        {"country_of_use": "IR", "site_of_use": "Valiasr Street, Tehran"},
        {"access_countries": ["KP"]},
        {"country_of_use": "RU", "site_of_use": "Tverskaya, Moscow"},
        {"missile": True},
        {"weapons_development": True},
    ],
    ids=["embargoed", "accessed from there", "this software not there", "missiles", "weapons"],
)
def test_a_forbidden_use_or_destination_rejects_at_no_charge(
    open_shop: OpenShop, answers: dict[str, object]
) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("survey-office")
    assert order.certify(**answers).ok
    assert order.place().ok
    shop.settle()
    assert (order.status, order.charged) == ("rejected", [])
    assert shop.templates() == ["order_processing", "order_rejected"]
    for word in ("Iran", "embargo", "missile", "T6"):
        assert word.casefold() not in shop.prose("order_rejected")


@pytest.mark.rule("T6")
def test_two_different_people_release_a_hold(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = on_hold(shop)
    assert order.read("storefront")["hold"].keys() == {"opened_at"}
    hold = shop.store.get(f"/v1/compliance/holds/{order.id}", role="compliance").json()
    assert any(
        answer["question"] == "state_owned" and answer["answer"] for answer in hold["certificate"]["answers"]
    )
    shop.to("2026-03-03 10:00")
    assert order.decide("release", role="ops").refused[0] == 403
    assert order.decide("release").ok["status"] == "export_hold"
    assert order.decide("release").refused == (409, "same_reviewer", "T6")
    assert order.status == "export_hold"
    assert order.decide("release", role="compliance_second").ok
    shop.settle()
    assert (order.status, order.charged) == ("completed", [189000])
    assert shop.templates() == ["export_hold", "order_processing", "order_confirmed", "subscription_active"]
    neutral = shop.prose("export_hold")
    for word in ("state", "gouvern", "export", "sanction", "contrôle"):
        assert word not in neutral
    assert order.decide("release").refused[0] == 409


@pytest.mark.rule("T6")
def test_another_key_of_the_same_person_is_the_same_person(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = on_hold(shop)
    (person,) = order.decide("release").ok["hold"]["decisions"]
    wanted = {
        "person": f" {person.upper()}\u200b ",
        "role": "compliance",
        "stores": [shop.id],
        "reason": "a test",
    }
    key = shop.store.post("/v1/keys", wanted, role="admin").json()["token"]
    again = shop.browser.post(
        f"/v1/compliance/holds/{order.id}/decisions",
        json={"decision": "release", "reason": "with my other key"},
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "another-key"},
    )
    assert (again.status_code, again.json().get("code")) == (409, "same_reviewer")
    assert order.status == "export_hold"


@pytest.mark.rule("T6")
def test_an_issuer_alone_releases_nothing(open_shop: OpenShop, program: Jalon) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = on_hold(shop)
    wanted = {"role": "compliance", "stores": [shop.id], "reason": "a test"}
    one, other = (
        shop.store.post("/v1/keys", wanted | {"person": f"{name} {shop.id}"}, role="admin").json()["token"]
        for name in ("Rita", "Remy")
    )
    assert decided(shop, order, one).status_code == 200
    refused = decided(shop, order, other)
    assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (
        409,
        "same_reviewer",
        "T6",
    )
    accepted = program("keys", "accept", "--api", shop.machine.urls["api"], "--key", other)
    assert accepted.returncode == 0, accepted.stderr
    assert accepted.stdout.startswith("jln_")
    eventually(lambda: decided(shop, order, other).status_code == 401, "the former token ends", within=5)
    assert order.status == "export_hold"
    assert decided(shop, order, accepted.stdout.strip()).status_code == 200
    shop.settle()
    assert order.status == "completed"


@pytest.mark.rule("T6")
def test_an_issuer_who_decides_with_both_keys_at_once_releases_nothing(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = on_hold(shop)
    wanted = {"role": "compliance", "stores": [shop.id], "reason": "a test"}
    tokens = [
        shop.store.post("/v1/keys", wanted | {"person": f"{name} {shop.id}"}, role="admin").json()["token"]
        for name in ("Rita", "Remy", "Rosa", "Ravi")
    ]
    with ThreadPoolExecutor(len(tokens)) as threads:
        answers = list(threads.map(lambda token: decided(shop, order, token), tokens))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    shop.settle()
    assert order.status == "export_hold"


def decided(shop: Shop, order: Order, token: str) -> httpx.Response:
    """The answer to a release under this key."""
    return shop.browser.post(
        f"/v1/compliance/holds/{order.id}/decisions",
        json={"decision": "release", "reason": "seen"},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())},
    )


@pytest.mark.rule("T6")
def test_one_rejection_ends_the_order(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = on_hold(shop)
    assert order.decide("release").ok
    assert order.decide("reject", role="compliance_second").ok
    shop.settle()
    assert (order.status, order.charged, shop.templates()[-1]) == ("rejected", [], "order_rejected")


@pytest.mark.rule("T6", "T10", "G1")
def test_a_hold_that_nobody_releases_runs_out(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = on_hold(shop)
    assert order.decide("release").ok
    shop.to(at("2026-04-02 00:00") - TICK)
    assert order.status == "export_hold"
    shop.to("2026-04-02 00:00")
    assert (order.status, order.charged) == ("cancelled", [])
    assert shop.templates()[-2:] == ["order_delayed", "order_cancelled"]
    assert order.decide("release", role="compliance_second").refused[0] == 409


@pytest.mark.rule("T6")
def test_a_listed_name_holds_the_order(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("survey-office")
    assert order.certify(majority_owners=["A.D.T. Analog & Digital Technik"]).ok
    assert order.place().ok
    shop.settle()
    assert order.status == "export_hold"
    assert {reason["code"] for reason in order["hold"]["reasons"]} == {"possible_match"}


@pytest.mark.rule("T10")
def test_a_hold_mail_is_not_news_and_parking_does_not_stop_the_clock(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-11-21 10:00")
    order = shop.order("survey-office")
    assert order.certify().ok
    assert shop.operate(order.id, "park", "payment").ok
    assert order.place().ok
    shop.settle()
    assert (order.status, order["waiting_for"]) == ("submitted", "operator")
    shop.to("2026-11-25 00:00")
    assert instant(order["delayed_at"]) == at("2026-11-25 00:00")
    assert shop.templates() == ["order_processing", "order_delayed"]
    assert shop.operate(order.id, "retry", "payment").ok
    shop.settle()
    assert (order.status, order.charged) == ("completed", [189000])


@pytest.mark.rule("X20", "T6")
def test_a_blocked_destination_is_rejected_where_no_certificate_is_asked_for(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-03-02 10:00")
    iran, russia, sevastopol, kyiv = (
        shop.order("anchor-design-premium", country=country) for country in ("IR", "RU", "UA", "UA")
    )
    unplaced = sevastopol.place(billing_address={"lines": ["1 street"], "country": "UA"})
    assert unplaced.refused == (422, "billing_region_required", "T6")
    assert iran.place().ok
    assert russia.place().ok
    for order, region in ((sevastopol, "UA-40"), (kyiv, "UA-30")):
        address = {"lines": ["1 street"], "country": "UA", "region": region}
        assert order.place(billing_address=address).ok
    shop.settle()
    assert [order.status for order in (iran, russia, sevastopol, kyiv)] == ["rejected"] * 3 + ["processing"]
    assert [order.charged for order in (iran, russia, sevastopol)] == [[]] * 3
    assert shop.templates().count("order_rejected") == 3


@pytest.mark.rule("T5")
def test_an_order_that_was_placed_without_a_certificate_takes_none(open_shop: OpenShop) -> None:
    order = open_shop("offered", "2026-01-15 10:30").order("compass").buy(card="card_3ds")
    assert order["waiting_for"] == "buyer_payment_confirmation"
    assert order.certify().refused[:2] == (409, "certificate_closed")
    assert "certificate_answered" not in order.events


@pytest.mark.rule("T14")
def test_the_e_mails_of_an_order_name_the_support_of_its_only_product(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("sketcher")
    assert order.place().ok
    shop.settle()
    assert order.certify().ok
    shop.settle()
    for template in ("certificate_requested", "order_processing", "order_confirmed"):
        text = shop.letter(template)["text"]
        assert "sketcher-help@geomatics.example.com" in text, template
        assert "support@geomatics.example.com" not in text, template
    shop.order("sketcher", "survey-office").buy()
    mixed = shop.letter("order_confirmed")["text"]
    assert "sketcher-help" not in mixed
    assert "support@geomatics.example.com" in mixed
