"""Wrong input of each kind: one shape, a code, a rule where there is one, a reference and a way out (T15)."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.plain import PLAIN
from tests.support.shop import Answer, OpenShop, Shop

KEY = {"Idempotency-Key": "a-key"}
FIELDS = {"type", "title", "status", "code", "detail", "rule", "violations", "support", "reference"}


@pytest.fixture
def shop(shared_shop: Shop) -> Shop:
    """A store that sells software and fleet management."""
    return shared_shop


def problem_of(response: httpx.Response) -> dict[str, Any]:
    """The problem, after checking its shape."""
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) >= FIELDS
    assert problem["status"] == response.status_code
    assert problem["reference"] == response.headers["x-reference"]
    assert problem["support"].endswith("example.com")
    assert problem["detail"]
    for violation in problem["violations"]:
        assert set(violation) == {"code", "pointer", "message", "rule"}
    return problem


def opened(shop: Shop, **cart: Any) -> dict[str, Any]:
    """The problem of a cart that the store refuses."""
    answer = shop.open("anchor-design-premium", **cart)
    assert answer.status == 422, answer.text
    return answer.body


@pytest.mark.rule("T15")
def test_an_unknown_path_is_a_problem_too(shop: Shop) -> None:
    problem = problem_of(shop.store.get("/v1/nothing"))
    assert (problem["status"], problem["code"]) == (404, "unknown_path")


def test_a_method_that_the_path_does_not_take_names_those_it_takes(shop: Shop) -> None:
    response = shop.store.client().delete("/v1/orders")
    assert problem_of(response)["code"] == "method_not_allowed"
    assert response.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/v1/orders/ord_%00", "/h/contract/a?signed=%00"])
def test_a_nul_in_the_address_is_refused(shop: Shop, path: str) -> None:
    assert shop.store.client("support").get(path).status_code == 400


@pytest.mark.parametrize(
    ("path", "said"),
    [("search?q=a%00b", "q: holds a NUL"), ("tasks?after=%00", "after: holds a NUL")],
)
def test_a_nul_in_a_query_is_named(shop: Shop, path: str, said: str) -> None:
    problem = problem_of(shop.store.client("support").get(f"/v1/support/{path}"))
    assert (problem["status"], problem["code"]) == (422, "invalid_request")
    assert said in problem["violations"][0]["message"]


def test_a_write_without_a_key_says_how_to_send_one(shop: Shop) -> None:
    problem = problem_of(shop.store.client().post("/v1/orders", json={}))
    assert (problem["status"], problem["code"]) == (400, "idempotency_key_missing")
    assert "Idempotency-Key" in problem["detail"]


@pytest.mark.parametrize("key", ["a key", "k" * 256, ""])
def test_a_key_is_1_to_255_visible_characters(shop: Shop, key: str) -> None:
    response = shop.store.client().post("/v1/orders", json={}, headers={"Idempotency-Key": key})
    assert problem_of(response)["code"] == "idempotency_key_invalid"


@pytest.mark.parametrize(("body", "status", "code"), [
    (b"{", 400, "malformed_json"),
    (b"[]", 422, "invalid_request"),
    (b'"text"', 422, "invalid_request"),
    (b"{}", 422, "invalid_request"),
    (b"", 422, "invalid_request"),
    (b'{"store": "a", "store": "b"}', 400, "malformed_json"),
    (b'{"store": NaN}', 400, "malformed_json"),
    ('{"store": "a"}'.encode("utf-16"), 400, "malformed_json"),
    (b"[" * 60_000, 400, "malformed_json"),
    (b"x" * (64 * 1024 + 1), 413, "body_too_large"),
])  # fmt: skip
def test_a_body_that_is_none(shop: Shop, body: bytes, status: int, code: str) -> None:
    headers = KEY | {"Content-Type": "application/json"}
    problem = problem_of(shop.store.client().post("/v1/orders", content=body, headers=headers))
    assert (problem["status"], problem["code"]) == (status, code)


def test_a_body_of_64_kib_is_read(shop: Shop) -> None:
    content = b" " * (64 * 1024 - 2) + b"{}"
    headers = KEY | {"Content-Type": "application/json"}
    problem = problem_of(shop.store.client().post("/v1/orders", content=content, headers=headers))
    assert problem["code"] == "invalid_request"


def test_a_body_without_a_content_length_is_limited_too(shop: Shop) -> None:
    headers = KEY | {"Content-Type": "application/json"}
    response = shop.store.client().post("/v1/orders", content=iter([b" " * 40_000] * 2), headers=headers)
    assert problem_of(response)["code"] == "body_too_large"


def test_a_form_is_no_json(shop: Shop) -> None:
    response = shop.store.client().post("/v1/orders", data={"store": shop.id}, headers=KEY)
    assert problem_of(response)["status"] == 415


def test_every_misfit_is_told_at_once_with_its_pointer(shop: Shop) -> None:
    answer = shop.open({"sku": "x", "quantity": "2", "colour": "red"}, buyer={"email": "nobody", "name": " "})
    assert (answer.status, answer.body["code"]) == (422, "invalid_request")
    found = {violation["pointer"]: violation["code"] for violation in answer.body["violations"]}
    assert found == {
        "/buyer/email": "field_invalid",
        "/buyer/name": "field_invalid",
        "/lines/0/quantity": "field_invalid",
        "/lines/0/colour": "field_unknown",
    }


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_cannot_be_kept_is_refused_wherever_it_stands(shop: Shop, text: str) -> None:
    body = json.dumps({"answers": {"end_use": text}})
    path, headers = "/v1/orders/ord_x/end-use-certificate", KEY | {"Content-Type": "application/json"}
    response = shop.store.client().post(path, content=body, headers=headers)
    assert problem_of(response)["status"] == 422


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("\u200b", "blank"),
        ("...", "no letter"),
        ("Ana\u202e", "reverses"),
        ("Ana\x9b", "control"),
    ],
)
def test_a_name_that_nobody_can_read_is_refused_in_words(shop: Shop, name: str, says: str) -> None:
    answer = shop.open("anchor-design-premium", buyer={"email": shop.email, "name": name})
    (violation,) = answer.body["violations"]
    assert (answer.status, violation["pointer"]) == (422, "/buyer/name")
    assert says in violation["message"]


@pytest.mark.parametrize(
    "change",
    [
        {"purchase_order_number": "4242 4242 4242 4242"},
        {"payment_method": {"kind": "card", "token": "card:4242.4242.4242.4242"}},
    ],
)
def test_a_card_number_is_taken_nowhere(shop: Shop, change: dict[str, Any]) -> None:
    refused = shop.order("anchor-design-premium").place(**change)
    assert refused.status == 422
    assert "card number" in refused.body["detail"] or "number of a card" in refused.body["detail"]


def test_no_key_and_a_wrong_key(shop: Shop, machine: Any) -> None:
    url = machine.urls["api"] + "/v1/orders"
    missing, wrong = (
        httpx.get(url, verify=PLAIN),
        httpx.get(url, headers={"Authorization": "Bearer jln_wrong"}, verify=PLAIN),
    )
    assert problem_of(missing)["code"] == "key_missing"
    assert problem_of(wrong)["code"] == "key_invalid"
    assert (missing.status_code, wrong.status_code) == (401, 401)
    assert wrong.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("role", "method", "path"), [
    ("support", "POST", "/v1/orders"),
    ("partner", "GET", "/v1/orders"),
    ("storefront", "GET", "/v1/ops/parked"),
    ("storefront", "GET", "/v1/ops/stages"),
    ("storefront", "GET", "/v1/compliance/holds"),
    ("storefront", "GET", "/v1/support/search?q=x"),
    ("ops", "GET", "/v1/keys"),
    ("compliance", "POST", "/v1/ops/entities/ord_x/retry"),
    ("admin", "POST", "/v1/compliance/holds/ord_x/decisions"),
])  # fmt: skip
def test_a_wrong_role_is_told_which_roles_may(shop: Shop, role: str, method: str, path: str) -> None:
    response = shop.store.client(role).request(
        method, path, headers=KEY, json={} if method == "POST" else None
    )
    problem = problem_of(response)
    assert (problem["status"], problem["code"]) == (403, "role_not_allowed")
    assert f"role {role} may not" in problem["detail"]


def test_an_unknown_sku_names_what_is_alike(shop: Shop) -> None:
    problem = shop.open("anchor-design-premum").body
    assert problem["code"] == "unknown_sku"
    assert problem["violations"][0]["pointer"] == "/lines/0/sku"
    assert "anchor-design-premium" in problem["detail"]


@pytest.mark.rule("D9")
def test_mixed_terms_are_refused(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle")
    skus = {offer["sku"]: offer for offer in catalog(shop)}
    sku = next(
        sku for sku, offer in skus.items() if {"P1Y", "P3M"} <= {each["term"] for each in offer["terms"]}
    )
    answer = shop.open({"sku": sku, "term": "P1Y"}, {"sku": sku, "term": "P3M"})
    assert answer.status == 422
    assert answer.body["rule"] == "D9"


def catalog(shop: Shop) -> list[dict[str, Any]]:
    """The products that a French company can buy."""
    query = {"store": shop.id, "country": "FR", "audience": "company", "currency": "EUR"}
    found: list[dict[str, Any]] = Answer.of(shop.store.get("/v1/catalog", **query)).ok["data"]
    return found


@pytest.mark.rule("H17")
def test_software_and_fleet_go_in_two_orders(shop: Shop) -> None:
    answer = shop.open("anchor-design-premium", "tool-fleet")
    assert answer.refused == (422, "hardware_separate", "H17")


@pytest.mark.parametrize("country", ["XX", "fr", "FRA"])
def test_a_country_that_is_none(shop: Shop, country: str) -> None:
    problem = opened(shop, country=country)
    assert problem["violations"][0] | {"message": ""} == {
        "code": "unknown_country", "pointer": "/country", "message": "", "rule": None,
    }  # fmt: skip


def test_everything_that_policy_has_against_a_cart_is_told_at_once(shop: Shop) -> None:
    answer = shop.open("no-such", {"sku": "rotary-hammer"}, country="XX", currency="GBP", audience="nobody")
    assert {
        "unknown_country",
        "unknown_audience",
        "currency_not_sold",
        "unknown_sku",
        "not_sold_online",
    } <= answer.codes
    assert answer.body["support"] == "support@fastening.example.com"


@pytest.mark.rule("H19", "H18", "D8")
def test_an_empty_placement_is_refused_for_everything_that_lacks(shop: Shop) -> None:
    answer = shop.order("anchor-design-premium").post("place", {})
    assert answer.status == 422
    assert {"/terms_accepted", "/payment_method/kind", "/billing_address"} <= {
        violation["pointer"] for violation in answer.body["violations"]
    }
    assert answer.body["rule"] == "H19"


def test_a_card_number_is_never_taken(shop: Shop) -> None:
    answer = shop.order("anchor-design-premium").place(card="4242424242424242")
    assert answer.status == 422
    assert "4242" not in answer.text.replace(answer.body["reference"], "")


def test_nothing_of_the_machine_shows_in_an_error(shop: Shop) -> None:
    """Errors reveal nothing of the installation."""
    for path in ("/v1/orders?after=ord_none", "/v1/orders?limit=0", "/v1/orders?placed_after=5"):
        problem = problem_of(shop.store.client().get(path))
        assert problem["status"] == 422
        assert "Traceback" not in str(problem)
