"""What each store that ships says, as buyers meet it: when its deadlines are, who may buy what, for how long, and who answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.shop import PARIS, Answer, Entity, OpenShop, Shop, at, instant

NOTICES = ["2026-12-15 09:00", "2027-01-07 09:00"]
"""30 and 7 days before the last day on which a year's renewal can be stopped, where that is the last of the year."""


def dues(entity: Entity, *kinds: str) -> dict[str, list[str]]:
    """The agenda by its kinds, each with the wall times in Paris at which entries are due."""
    found: dict[str, list[str]] = {kind: [] for kind in kinds}
    for entry in sorted(entity["agenda"], key=lambda each: at(each["due_at"])):
        if entry["what"] in found:
            found[entry["what"]].append(f"{at(entry['due_at']).astimezone(PARIS):%Y-%m-%d %H:%M}")
    return found


def catalog(shop: Shop, audience: str, country: str = "FR", currency: str = "EUR") -> dict[str, Any]:
    """The offers by sku, as this kind of buyer reads them."""
    query = {"store": shop.id, "country": country, "audience": audience, "currency": currency}
    return {each["sku"]: each for each in Answer.of(shop.store.get("/v1/catalog", **query)).ok["data"]}


def terms(offers: dict[str, Any]) -> dict[str, list[str]]:
    """The terms for which each product can be bought; those that cannot be bought are left out."""
    return {sku: [each["term"] for each in offer["terms"]] for sku, offer in offers.items() if offer["terms"]}


def most(offers: dict[str, Any]) -> set[int | None]:
    """The quantities up to which products are sold online."""
    return {each["self_service_max_quantity"] for offer in offers.values() for each in offer["terms"]}


@pytest.mark.rule("P5", "P8", "T10")
def test_a_contract_is_reminded_of_on_four_days_and_waits_for_ninety(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-standard").buy().subscription
    assert dues(subscription, "activation_reminder", "activation_window", "order_news") == {
        "activation_reminder": [
            "2026-02-14 09:00",
            "2026-03-16 09:00",
            "2026-04-08 09:00",
            "2026-04-14 09:00",
        ],
        "activation_window": ["2026-04-16 00:00"],
        "order_news": ["2026-01-20 00:00"],
    }


@pytest.mark.rule("H1", "P1", "X3")
@pytest.mark.parametrize(
    ("sku", "managed", "steps"),
    [
        ("anchor-design-premium", True, ["open_contract", "click_activate", "sign"]),
        ("anchor-design-standard", False, ["open_contract", "click_activate", "sign"]),
        ("profile-design", True, ["open_contract", "click_activate", "sign"]),
        ("tool-fleet", False, []),
    ],
)
def test_each_product_has_its_steps_and_its_users_or_none(
    open_shop: OpenShop, sku: str, managed: bool, steps: list[str]
) -> None:
    order = open_shop("fastening").order(sku).buy()
    subscription = order.subscription.read()
    assert order.charged == ([156000] if sku == "tool-fleet" else [])
    assert [each["step"] for each in subscription["steps"]] == steps
    assert subscription["user_management"] == managed
    assert subscription["click_is_signature"] == (sku == "profile-design")


@pytest.mark.rule("D14", "H24", "H25")
def test_a_contract_can_be_stopped_to_its_last_day_with_a_reason(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-standard").buy().subscription.start()
    assert subscription["stop_needs_reason"]
    assert dues(subscription, "renewal_notice", "stop_cutoff", "term_end") == {
        "renewal_notice": NOTICES,
        "stop_cutoff": ["2027-01-15 00:00"],
        "term_end": ["2027-01-15 00:00"],
    }


@pytest.mark.rule("A1", "D14", "D15")
def test_a_year_of_drafting_is_announced_three_times_and_locked_a_day_before_its_end(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("drafting", "2026-01-15 10:30")
    subscription = shop.order("drafting-light").buy().subscription
    assert instant(subscription["next_renewal_at"]) == instant(subscription["term_end"])
    assert dues(subscription, "renewal_notice", "stop_cutoff", "term_end") == {
        "renewal_notice": ["2026-10-15 09:00", "2026-12-14 09:00", "2027-01-06 09:00"],
        "stop_cutoff": ["2027-01-14 00:00"],
        "term_end": ["2027-01-15 00:00"],
    }


@pytest.mark.rule("D14", "D15", "X13")
@pytest.mark.parametrize(
    ("name", "line", "audience", "notices", "locked"),
    [
        ("lifecycle", ("collaborator", "P1Y"), "company", ["2026-12-10", "2027-01-02"], "2027-01-10"),
        ("lifecycle", ("design-for-makers", "P1M"), "maker", ["2026-02-02"], "2026-02-10"),
        ("geomatics", ("correction-service", "P1M"), "company", ["2026-02-07"], "2026-02-15"),
        ("geomatics", ("sketcher", "P1Y"), "company", ["2026-12-15", "2027-01-07"], "2027-01-15"),
    ],
)
def test_a_term_is_announced_before_its_renewal_is_locked(
    open_shop: OpenShop, name: str, line: tuple[str, str], audience: str, notices: list[str], locked: str
) -> None:
    shop = open_shop(name, "2026-01-15 10:30")
    order = shop.order({"sku": line[0], "term": line[1]}, audience=audience).buy()
    assert order.subscription["next_renewal_at"] is not None
    assert dues(order.subscription, "renewal_notice", "stop_cutoff") == {
        "renewal_notice": [f"{day} 09:00" for day in notices],
        "stop_cutoff": [f"{locked} 00:00"],
    }


@pytest.mark.rule("D17", "X4")
@pytest.mark.parametrize(
    ("name", "line", "stopped", "until", "warned"),
    [
        ("drafting", ("drafting-light", "P1Y"), "2027-01-10", "2027-02-10", "2027-02-02"),
        ("lifecycle", ("collaborator", "P3M"), "2026-04-09", "2026-04-24", "2026-04-20"),
        ("geomatics", ("correction-service", "P1M"), "2026-02-12", "2026-02-27", "2026-02-23"),
    ],
)
def test_data_stays_for_the_days_of_its_store_and_its_end_is_announced(
    open_shop: OpenShop, name: str, line: tuple[str, str], stopped: str, until: str, warned: str
) -> None:
    shop = open_shop(name, "2026-01-15 10:30")
    subscription = shop.order({"sku": line[0], "term": line[1]}).buy().subscription
    shop.to(f"{stopped} 12:00")
    told = at(subscription.stop().ok["result"]["data_until"]).astimezone(PARIS)
    assert f"{told:%Y-%m-%d %H:%M}" == f"{until} 00:00"
    assert dues(subscription, "purge_warning") == {"purge_warning": [f"{warned} 09:00"]}


@pytest.mark.rule("T4", "T5")
def test_only_the_store_that_exports_asks_for_acceptance_and_a_certificate_within_two_weeks(
    open_shop: OpenShop,
) -> None:
    exporting, other = open_shop("geomatics", "2026-01-15 10:30"), open_shop("drafting", "2026-01-15 10:30")
    order = exporting.order("sketcher")
    assert order.place(export_control_accepted=False).refused[1] == "export_requirements_not_accepted"
    assert order.place().ok
    exporting.settle()
    assert dues(order, "certificate_window") == {"certificate_window": ["2026-01-30 00:00"]}
    plain = other.order("drafting-light")
    assert plain.place(export_control_accepted=False).ok
    other.settle()
    assert plain.status == "completed"


@pytest.mark.rule("D4", "D5", "D7")
def test_each_audience_of_lifecycle_has_its_products_and_its_terms(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle")
    company = catalog(shop, "company")
    assert terms(company) == {
        "mechanical-designer": ["P1Y", "P3M"],
        "project-planner": ["P1Y", "P3M"],
        "collaborator": ["P1Y", "P3M"],
    }
    assert terms(catalog(shop, "maker")) == {
        "collaborator": ["P1Y", "P1M"],
        "design-for-makers": ["P1Y", "P1M"],
    }
    assert terms(catalog(shop, "student")) == {"collaborator": ["P1Y"], "design-for-students": ["P1Y"]}
    asked = company["simulation-engineer"]
    assert [each["code"] for each in asked["refusals"]] == ["not_sold_online"]
    assert asked["contact"] == "https://lifecycle.example.com/contact"
    maker = [each["code"] for each in catalog(shop, "maker")["simulation-engineer"]["refusals"]]
    assert maker == ["not_sold_online", "audience_not_sold"]


@pytest.mark.rule("T8", "T13", "T16")
def test_what_geomatics_sells_elsewhere_or_through_others_says_who_sells_it(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics")
    french = catalog(shop, "company")
    assert most(french) == {50}
    assert "site-manager" not in terms(french)
    assert french["site-manager"]["contact"] == "site-manager-sales@geomatics.example.com"
    for country in ("US", "CA"):
        assert terms(catalog(shop, "company", country, "USD"))["site-manager"] == ["P1Y"]
    assert french["machine-guidance"]["contact"] == "https://geomatics.example.com/resellers"
    assert french["sketcher"]["contact"] == "sales@geomatics.example.com"


@pytest.mark.rule("D7", "T9", "T14")
def test_what_geomatics_sells_has_its_terms_and_its_support(open_shop: OpenShop) -> None:
    offers = catalog(open_shop("geomatics"), "company")
    assert terms(offers) == {
        "sketcher": ["P1Y"],
        "survey-office": ["P1Y"],
        "correction-service": ["P1Y", "P1M"],
    }
    assert [each["rule"] for each in offers["machine-guidance"]["refusals"]] == ["T9"]
    assert offers["machine-guidance"]["contact"] == "https://geomatics.example.com/resellers"
    assert offers["sketcher"]["support"] == "sketcher-help@geomatics.example.com"
    assert offers["survey-office"]["support"] == "support@geomatics.example.com"


@pytest.mark.rule("D5", "H15", "T8")
def test_what_fastening_sells_is_licensed_to_one_or_to_a_pool_and_tools_are_sold_elsewhere(
    open_shop: OpenShop,
) -> None:
    offers = catalog(open_shop("fastening"), "design_office")
    assert most(offers) == {100}
    kinds = {sku: offer["licence_kinds"] for sku, offer in offers.items() if offer["terms"]}
    both = ["individual", "floating"]
    assert kinds == {
        "anchor-design-premium": both,
        "anchor-design-standard": both,
        "profile-design": both,
        "tool-fleet": ["individual"],
    }
    assert [each["rule"] for each in offers["rotary-hammer"]["refusals"]] == ["D5"]
    assert offers["rotary-hammer"]["contact"] == "tools@fastening.example.com"
    assert offers["profile-design"]["contact"] == "sales@fastening.example.com"


@pytest.mark.rule("D4", "T8", "T9")
def test_what_drafting_sells_through_partners_says_which(open_shop: OpenShop) -> None:
    shop = open_shop("drafting")
    offers = catalog(shop, "company")
    assert most(offers) == {200}
    assert [each["rule"] for each in offers["plant-collection"]["refusals"]] == ["T9"]
    assert offers["plant-collection"]["contact"] == "https://drafting.example.com/partners"
    assert offers["drafting-suite"]["contact"] == "sales@drafting.example.com"
    private = catalog(shop, "individual")["plant-collection"]["refusals"]
    assert [each["rule"] for each in private] == ["T9", "D4"]


@pytest.mark.rule("H15", "H16", "X10")
@pytest.mark.parametrize(
    ("name", "sku", "kinds"),
    [
        ("drafting", "drafting-suite", ["individual", "floating"]),
        ("drafting", "drafting-light", ["individual"]),
        ("geomatics", "survey-office", ["individual", "floating"]),
    ],
)
def test_the_kind_of_licence_and_the_quantity_are_chosen(
    open_shop: OpenShop, name: str, sku: str, kinds: list[str]
) -> None:
    shop = open_shop(name)
    assert catalog(shop, "company")[sku]["licence_kinds"] == kinds
    for kind in ("individual", "floating"):
        opened = shop.open({"sku": sku, "licence_kind": kind, "quantity": 3})
        assert opened.status == (201 if kind in kinds else 422)
        if kind in kinds:
            assert opened.body["lines"][0]["quantity"] == 3
    assert shop.open({"sku": sku, "quantity": 0}).status == 422


@pytest.mark.rule("H5", "H6", "T15")
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("drafting", "support@drafting.example.com"),
        ("fastening", "support@fastening.example.com"),
        ("geomatics", "ecommerce-support@geomatics.example.com"),
        ("lifecycle", "support@lifecycle.example.com"),
    ],
)
def test_each_store_says_who_answers_and_where_its_shop_is(
    open_shop: OpenShop, name: str, answers: str
) -> None:
    shop = open_shop(name)
    assert shop.open("unheard-of").body["support"] == answers
    stores = {each["id"]: each for each in Answer.of(shop.store.get("/v1/stores")).ok["data"]}
    own = stores[shop.id]
    assert own["support"] == f"support@{name}.example.com"
    assert own["shop_url"] == f"https://{name}.example.com/shop"
    assert own["routes"]["error"] == answers
