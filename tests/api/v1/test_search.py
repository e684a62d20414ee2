"""Support finds an order by what a customer says on the telephone, once, and nobody reads in a log what was asked for."""

from __future__ import annotations

from typing import Any

from tests.support.machines import Serving
from tests.support.shop import Answer, OpenShop, Shop


def found_by(shop: Shop, query: str, **more: Any) -> list[dict[str, Any]]:
    """What the search finds, whichever way the text is sent."""
    asked = Answer.of(shop.store.get("/v1/support/search", role="support", q=query, **more)).ok
    posted = Answer.of(shop.store.post("/v1/support/search", {"q": query, **more}, role="support")).ok
    assert asked == posted, query
    return [each for each in asked["data"] if each["store"] == shop.id]


def how(found: list[dict[str, Any]]) -> tuple[str, str]:
    """What was found and how, of the only result."""
    (only,) = found
    return only["matched"]["field"], only["matched"]["how"]


def test_support_finds_an_order_by_anything_that_is_known_of_it(
    open_shop: OpenShop, machine: Serving
) -> None:
    shop = open_shop("fastening")
    mark = shop.id.replace("-", "")
    email = f"Zoe.Findme@{shop.id}.example.com"
    buyer = {"email": email, "name": f"Zoé Findme{mark}", "company": f"Études {mark} & Fils"}
    order = shop.order("anchor-design-premium", buyer=buyer).buy(purchase_order_number=f" Büro-{shop.id} #7")
    number = order["number"]
    expected = {
        email.upper(): ("email", "exact"),
        f"findme {mark}": ("name", "word"),
        f"zoe-findme{mark}": ("name", "exact"),
        f"etudes {mark}": ("company", "prefix"),
        f"ETUDES {mark} & FILS": ("company", "exact"),
        f"#{number.lower()}": ("number", "exact"),
        number.replace("-", " "): ("number", "exact"),
        number[:4] + number[5:]: ("number", "exact") if number[4] == "-" else ("number", "typo"),
        f"büro {shop.id} 7": ("purchase_order_number", "exact"),
        f"uro{shop.id}": ("purchase_order_number", "substring"),
        order.id: ("id", "exact"),
        f"findem{mark}": ("name", "typo"),
    }
    for query, matched in expected.items():
        found = found_by(shop, query)
        assert (how(found), found[0]["id"]) == (matched, order.id), query
        assert [each["id"] for each in found[0]["subscriptions"]] == [order.subscription.id], query
    (alone,) = found_by(shop, order.subscription.id)
    assert (alone["kind"], alone["id"], alone["matched"]["how"]) == (
        "subscription",
        order.subscription.id,
        "exact",
    )
    for query in (f"find-you@{shop.id}.example.org", "%", "@", "#", "a@", f"{mark}x1y2z3"):
        assert found_by(shop, query) == [], query
    second = shop.order("anchor-design-premium", buyer=buyer)
    assert [each["id"] for each in found_by(shop, email)] == [second.id, order.id]
    (first,) = found_by(shop, email, limit=1)
    assert first["id"] == second.id
    more = shop.store.get("/v1/support/search", role="support", q=email, limit=1).json()["has_more"]
    assert more is True
    assert mark not in (machine.data_dir / "logs" / "api.log").read_text()


def test_a_search_that_does_not_fit_is_refused(shared_shop: Shop) -> None:
    for body in (
        {},
        {"q": ""},
        {"q": "x" * 255},
        {"q": "a\x00b"},
        {"q": 7},
        {"q": "a", "limit": 101},
        {"q": "a", "x": 1},
    ):
        assert shared_shop.store.post("/v1/support/search", body, role="support").status_code == 422, body
    assert shared_shop.store.post("/v1/support/search", {"q": "a"}, role="storefront").status_code == 403
