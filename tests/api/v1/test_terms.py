"""The text of terms of sale: by hash through the API, and as a page."""

from __future__ import annotations

import hashlib

import pytest

from tests.support.shop import Answer, OpenShop, Shop


def in_force(shop: Shop) -> dict[str, str]:
    """The terms of the store's first product, as its catalog names them."""
    query = {"country": "FR", "audience": "design_office", "currency": "EUR"}
    products = Answer.of(shop.store.get("/v1/catalog", store=shop.id, **query)).ok["data"]
    (terms,) = products[0]["terms_documents"]
    found: dict[str, str] = terms
    return found


@pytest.mark.rule("T11", "T12", "H19")
def test_the_terms_that_the_catalog_names_are_answered_byte_by_byte(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    terms = in_force(shop)
    answer = shop.store.get(f"/v1/terms/{terms['sha256']}")
    assert hashlib.sha256(answer.content).hexdigest() == terms["sha256"]
    assert answer.json()["text"]["en"].lstrip().startswith("Sample text of a demonstration store")
    assert {key: answer.json()[key] for key in ("layer", "version", "title")} == {
        key: terms[key] for key in ("layer", "version", "title")
    }
    assert answer.headers["etag"] == f'"{terms["sha256"]}"'
    assert "immutable" in answer.headers["cache-control"]


def test_the_same_terms_are_not_sent_again(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    path = f"/v1/terms/{in_force(shop)['sha256']}"
    headers = {"Authorization": f"Bearer {shop.machine.keys['storefront']}"}
    again = shop.browser.get(path, headers=headers | {"If-None-Match": shop.store.get(path).headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_terms_that_nobody_served_are_not_found(shared_shop: Shop) -> None:
    assert shared_shop.store.get(f"/v1/terms/{'0' * 64}").status_code == 404
    assert shared_shop.store.get("/v1/terms/9c10").status_code == 422
    for path in (f"/h/terms/{shared_shop.id}/{'0' * 64}", f"/h/terms/nowhere/{'0' * 64}"):
        assert shared_shop.page(path).status == 404


@pytest.mark.rule("T11", "T12")
def test_people_read_the_terms_in_their_language(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    terms = in_force(shop)
    path = f"/h/terms/{shop.id}/{terms['sha256']}"
    assert terms["page"].endswith(path)
    english, french = (shop.page(f"{path}?language={each}") for each in ("en", "fr"))
    assert '<html lang="en">' in english.response.text
    assert "The contract is opened through the link" in english.text
    assert "Le contrat est ouvert par le lien" in french.text
    assert "Fastening Démonstration SAS" in french.text
    assert "Le contrat est ouvert" in shop.page(f"{path}?language=de&utm_source=mail").text


@pytest.mark.rule("H19", "T11")
def test_the_place_where_a_contract_is_signed_leads_to_its_terms(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    shop.order("anchor-design-premium").buy()
    page = shop.page(shop.link("contract_ready", "contract")).send().send()
    path = f"/h/terms/{shop.id}/{in_force(shop)['sha256']}"
    assert f'href="{path}?language=fr"' in page.response.text
    assert shop.page(path).status == 200


@pytest.mark.rule("H19")
def test_an_unticked_order_is_told_where_the_terms_are(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    refused = shop.order("anchor-design-premium").place(terms_accepted=False)
    assert "/v1/terms/" in str(refused.body)
