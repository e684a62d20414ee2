"""The log line of a request: its entity and its caller's key, without tokens and personal data."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.support.shop import Shop, eventually


def line_of(shop: Shop, answer: httpx.Response) -> dict[str, Any]:
    """The log line of the request with this answer."""
    reference = answer.headers["X-Reference"]
    log = shop.machine.data_dir / "logs" / "api.log"

    def found() -> dict[str, Any] | None:
        lines = [json.loads(line) for line in log.read_text().splitlines() if reference in line]
        return next((line for line in lines if line.get("event") == "request"), None)

    return eventually(found, "the request is logged")


def test_it_names_the_entity_of_the_path_and_the_callers_key(shared_shop: Shop) -> None:
    order = shared_shop.order("anchor-design-premium")
    answer = shared_shop.store.get(f"/v1/orders/{order.id}/timeline", role="support")
    line = line_of(shared_shop, answer)
    assert (line["entity"], line["role"]) == (order.id, "support")
    assert line["caller"].startswith("key:key_")
    assert shared_shop.machine.keys["support"] not in json.dumps(line)


def test_it_names_the_entity_that_a_write_made(shared_shop: Shop) -> None:
    body = {
        "store": shared_shop.id, "country": "FR", "audience": "design_office", "currency": "EUR",
        "buyer": {"email": "ada@example.com", "name": "Ada Martin", "language": "en"},
        "lines": [{"sku": "anchor-design-premium", "quantity": 1, "term": "P1Y"}],
    }  # fmt: skip
    answer = shared_shop.store.post("/v1/orders", body)
    line = line_of(shared_shop, answer)
    assert (line["entity"], line["store"], line["role"]) == (
        answer.json()["id"],
        shared_shop.id,
        "storefront",
    )
    assert "ada@example.com" not in json.dumps(line)


def test_what_is_no_id_stays_out_of_it(shared_shop: Shop) -> None:
    answer = shared_shop.store.get("/v1/orders/ada@example.com")
    line = line_of(shared_shop, answer)
    assert (line["status"], line["entity"], line["route"]) == (404, None, "/v1/orders/{order_id}")
    assert "ada@example.com" not in json.dumps(line)


def test_a_link_is_named_without_its_token(shared_shop: Shop) -> None:
    order = shared_shop.order("anchor-design-premium").buy()
    path = shared_shop.link("contract_ready", "contract")
    line = line_of(shared_shop, shared_shop.browser.get(path))
    assert line["entity"] == order.subscription.id
    assert line["caller"].startswith("link:")
    assert path.rpartition("/")[2] not in json.dumps(line)
