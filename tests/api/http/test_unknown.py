"""Parameters and bodies that a route does not take are refused by name, so that a misspelling is noticed."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.support.shop import Shop


def send(shop: Shop, path: str, content: bytes) -> httpx.Response:
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
    return shop.store.client().post(path, content=content, headers=headers)


def wrong(response: httpx.Response) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    return [(each["code"], each["message"].split()[0]) for each in response.json()["violations"]]


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/v1/orders", "storefront"),
        ("/v1/orders/ord_none", "storefront"),
        ("/v1/subscriptions", "storefront"),
        ("/v1/orders/ord_none/timeline", "storefront"),
        ("/v1/stores", "storefront"),
        ("/v1/events", "storefront"),
        ("/v1/support/tasks", "support"),
        ("/v1/ops/parked", "ops"),
        ("/v1/compliance/holds", "compliance"),
        ("/v1/keys", "admin"),
    ],
)
def test_an_unknown_query_parameter_is_refused_by_name(shared_shop: Shop, path: str, role: str) -> None:
    answer = shared_shop.store.get(path, role=role, stat="cart", Limit=1)
    assert wrong(answer) == [("field_unknown", "Limit"), ("field_unknown", "stat")]
    assert answer.json()["code"] == "invalid_request"


def test_a_parameter_that_comes_twice_is_refused_by_name(shared_shop: Shop) -> None:
    answer = shared_shop.store.client().get("/v1/orders?limit=1&status=cart&limit=2")
    assert wrong(answer) == [("field_invalid", "limit")]
    assert "more than once" in answer.json()["detail"]


def test_a_write_takes_no_query_parameter_either(shared_shop: Shop) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = shared_shop.store.client().post("/v1/orders?dry_run=true", json={}, headers=headers)
    assert wrong(answer) == [("field_unknown", "dry_run")]


def test_an_unknown_key_of_a_body_is_refused_with_its_place(shared_shop: Shop) -> None:
    answer = shared_shop.open({"sku": "anchor-design-premium", "amount": 3}, kountry="FR")
    assert answer.status == 422
    assert {(each["code"], each["pointer"]) for each in answer.body["violations"]} == {
        ("field_unknown", "/kountry"),
        ("field_unknown", "/lines/0/amount"),
    }


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b'{"at": "2026-01-01"}', 422, "field_unknown"),
        (b"[1]", 422, "field_invalid"),
        (b"{", 400, "malformed_json"),
    ],
)
def test_a_route_without_a_body_takes_none(shared_shop: Shop, content: bytes, status: int, code: str) -> None:
    answer = send(shared_shop, "/v1/subscriptions/sub_none/seats/1/revoke", content)
    problem: dict[str, Any] = answer.json()
    assert answer.status_code == status
    assert code in {problem["code"], *(each["code"] for each in problem["violations"])}


@pytest.mark.parametrize("content", [b"", b"{}", b" "])
def test_a_route_without_a_body_takes_an_empty_one(shared_shop: Shop, content: bytes) -> None:
    assert send(shared_shop, "/v1/subscriptions/sub_none/seats/1/revoke", content).status_code == 404
