"""A key sees its own stores only: every route answers that an id of another store is not found."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from jalon.persistence.operations import keys
from jalon.persistence.sessions import Sessions
from tests.api.v1.description import example_of, judge, operations
from tests.support.machines import Serving
from tests.support.plain import PLAIN
from tests.support.shop import OpenShop, Shop, eventually
from tests.support.stores import SandboxStore


def key_for(shop: Shop, role: str, *stores: str, person: str | None = None) -> str:
    """The token of a new key."""
    body = {
        "person": person or f"{role} of {stores}",
        "role": role,
        "stores": list(stores),
        "reason": "a test",
    }
    issued = shop.store.post("/v1/keys", body, role="admin")
    assert issued.status_code == 201, issued.text
    return str(issued.json()["token"])


def as_stranger(shop: Shop, stranger: Shop, machine: Serving, role: str) -> SandboxStore:
    """The shop's store, called with a key of another store."""
    return SandboxStore(shop.id, machine.urls["api"], {role: key_for(shop, role, stranger.id)})


READS = ["", "/timeline"]
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("place", {"terms_accepted": True}),
    ("cancel", {"reason": "mine now"}),
]


def test_nothing_of_another_store_is_found(open_shop: OpenShop, machine: Serving) -> None:
    shop, stranger = open_shop("fastening"), open_shop("fastening")
    order = shop.order("anchor-design-premium").buy()
    assert order.subscription.start().status == "active"
    outsider = as_stranger(shop, stranger, machine, "storefront")
    for path in (order.url, order.subscription.url):
        for suffix in READS:
            _not_found(outsider.get(path + suffix))
    for action, body in WRITES:
        _not_found(outsider.post(f"{order.url}/{action}", body))
    _not_found(outsider.patch(order.url, {"country": "FR"}))
    for action in ("activate", "stop-renewal", "resume-renewal", "seats/1/revoke"):
        _not_found(outsider.post(f"{order.subscription.url}/{action}", {}))
    _not_found(outsider.get(f"{order.subscription.url}/contract"))
    assert order.status == "completed"
    outsider.close()


WATCHED = {"/v1/ops/stages": "waiting", "/v1/ops/invariants": "count"}
"""The lists whose rows stand for every store, each with its count."""


async def test_a_key_of_a_store_that_is_not_served_finds_nothing_and_fails_nowhere(machine: Serving) -> None:
    sessions = Sessions.connect(machine.environment["JALON_DATABASE_URL"])
    async with sessions.unscoped() as tx:
        tokens = [
            await keys.issue(
                tx, person=f"{role} of {uuid.uuid4()}", role=role, stores=["gone"], issued_by="a test"
            )
            for role in ("admin", "storefront", "ops", "support", "compliance")
        ]
    await sessions.close()
    async with httpx.AsyncClient(base_url=machine.urls["api"], verify=PLAIN) as client:
        for token in tokens:
            for method, path, operation in operations():
                headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
                asked = path.replace("{seat}", "1").replace("{", "").replace("}", "")
                body = example_of(operation) if method != "get" else None
                answer = await client.request(method, asked, headers=headers, json=body)
                judge(answer)
                found = answer.json().get("data")
                if path in WATCHED:
                    found = [each for each in found or [] if each[WATCHED[path]]]
                empty = found == [] or path in {"/healthz", "/readyz"}
                assert empty if answer.is_success else answer.is_client_error, (method, path, answer.text)


def test_lists_and_searches_show_ones_own_store_only(open_shop: OpenShop, machine: Serving) -> None:
    shop, stranger = open_shop("fastening"), open_shop("fastening")
    order = shop.order("anchor-design-premium")
    support = as_stranger(shop, stranger, machine, "support")
    assert support.get("/v1/orders", role="support").json()["data"] == []
    for query in (
        order.id,
        order.id[8:],
        order["number"],
        shop.email,
        shop.email[:-2],
        shop.email.replace("a", "aa", 1),
    ):
        assert shop.store.get("/v1/support/search", role="support", q=query).json()["data"] != []
        for found in (
            support.get("/v1/support/search", role="support", q=query),
            support.post("/v1/support/search", {"q": query}, role="support"),
        ):
            assert found.json() == {"data": [], "has_more": False}
    _not_found(support.get("/v1/orders", role="support", store=shop.id))
    support.close()


def test_an_order_cannot_be_opened_in_another_store(open_shop: OpenShop, machine: Serving) -> None:
    shop, stranger = open_shop("fastening"), open_shop("fastening")
    outsider = as_stranger(shop, stranger, machine, "storefront")
    body = {
        "store": shop.id, "country": "FR", "audience": "design_office", "currency": "EUR",
        "buyer": {"email": "eve@example.com", "name": "Eve"},
        "lines": [{"sku": "anchor-design-premium", "quantity": 1, "term": "P1Y"}],
    }  # fmt: skip
    _not_found(outsider.post("/v1/orders", body))
    outsider.close()


def test_the_same_person_in_two_stores_is_two_people(open_shop: OpenShop) -> None:
    one, other = open_shop("fastening"), open_shop("fastening")
    buyer = {"email": "both@example.com", "name": "Both"}
    first = one.order("anchor-design-premium", buyer=buyer)["buyer"]
    second = other.order("anchor-design-premium", buyer=buyer)["buyer"]
    assert first["id"] != second["id"]


@pytest.mark.parametrize("role", ["storefront", "support"])
def test_a_revoked_key_is_refused_within_seconds(open_shop: OpenShop, machine: Serving, role: str) -> None:
    shop = open_shop("fastening")
    issued = shop.store.post(
        "/v1/keys", {"person": "Eve", "role": role, "stores": [shop.id], "reason": "a test"}, role="admin"
    ).json()
    eve = SandboxStore(shop.id, machine.urls["api"], {role: issued["token"]})
    assert eve.get("/v1/orders", role=role).is_success
    revoked = shop.store.post(f"/v1/keys/{issued['id']}/revoke", {"reason": "She left."}, role="admin")
    assert revoked.json()["revoked_at"]
    eventually(lambda: eve.get("/v1/orders", role=role).status_code == 401, "the key is refused", within=5)
    eve.close()


def _not_found(response: httpx.Response) -> None:
    assert response.status_code == 404, f"{response.request.url}: {response.text[:300]}"
    assert response.json()["code"] == "not_found"
