"""The facts of a store that a storefront reads before it opens a cart."""

from __future__ import annotations

import pytest

from tests.api.web.orders.certificates import asked
from tests.support.shop import Answer, OpenShop, Shop


def test_a_storefront_finds_a_buyable_product_from_the_api_alone(shared_shop: Shop) -> None:
    stores = {store["id"]: store for store in Answer.of(shared_shop.store.get("/v1/stores")).ok["data"]}
    store = stores[shared_shop.id]
    assert store["clock"] == "test"
    assert store["zone"] == "Europe/Paris"
    audience = store["audiences"][0]
    query = {"country": "FR", "audience": audience["audience"], "currency": store["currencies"][0]}
    offers = Answer.of(shared_shop.store.get("/v1/catalog", store=shared_shop.id, **query)).ok["data"]
    assert any(offer["buyable"] for offer in offers)
    assert "card" in audience["payment_kinds"]


def test_a_store_names_its_vendor_or_itself(open_shop: OpenShop) -> None:
    fastening, prepaid = open_shop("fastening"), open_shop("prepaid")
    stores = {store["id"]: store for store in Answer.of(fastening.store.get("/v1/stores")).ok["data"]}
    vendor = stores[fastening.id]["vendor"]
    assert (vendor["legal_name"], vendor["address"][-1]) == ("Fastening Démonstration SAS", "France")
    unnamed = stores[prepaid.id]["vendor"]
    assert (unnamed["legal_name"], unnamed["address"], unnamed["vat_id"]) == ("Prepaid", [], None)


@pytest.mark.rule("D18", "T12", "T17")
def test_a_store_says_where_to_turn_for_each_subject(open_shop: OpenShop) -> None:
    geomatics, lifecycle = open_shop("geomatics"), open_shop("lifecycle")
    stores = {store["id"]: store for store in Answer.of(geomatics.store.get("/v1/stores")).ok["data"]}
    routes = stores[geomatics.id]["routes"]
    assert routes["trade_compliance"] == "https://geomatics.example.com/trade-compliance"
    assert routes["old_terms"] == "technical-support@geomatics.example.com"
    assert routes["faq"] == stores[geomatics.id]["support"]
    assert stores[lifecycle.id]["routes"]["faq"] == "https://lifecycle.example.com/purchase-questions"


@pytest.mark.rule("T16", "T9")
def test_who_is_served_by_a_reseller_is_led_to_the_support_network(open_shop: OpenShop) -> None:
    geomatics = open_shop("geomatics")
    stores = {store["id"]: store for store in Answer.of(geomatics.store.get("/v1/stores")).ok["data"]}
    network = "https://geomatics.example.com/resellers"
    assert stores[geomatics.id]["routes"]["reseller"] == network
    refused = geomatics.open("machine-guidance")
    assert refused.codes == {"sold_by_resellers_only"}
    assert network in refused.body["violations"][0]["message"]
    _, certificate = asked(geomatics)
    assert network in geomatics.letter("certificate_requested")["links"]
    for path in (certificate, f"/h/terms/{geomatics.id}/{'0' * 64}"):
        assert f'href="{network}"' in geomatics.page(path).response.text
