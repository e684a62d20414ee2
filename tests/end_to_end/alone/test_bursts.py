"""Many callers at once: who is refused for want of a turn and comes again gets in. Nobody else asks this machine meanwhile."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.support.plain import PLAIN
from tests.support.shop import OpenShop
from tests.support.world import turns

CALLERS = 60
SHEDDING = {"overloaded", "database_busy", "receipt_too_late"}


def test_who_comes_again_as_the_refusal_says_gets_in(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    limits = httpx.Limits(max_connections=CALLERS)
    api = httpx.Client(base_url=shop.machine.urls["api"], limits=limits, timeout=60, verify=PLAIN)
    cart = {
        "store": shop.id, "country": "FR", "audience": "design_office", "currency": "EUR", "buyer": {"email": shop.email, "name": "Ana"},
        "lines": [{"sku": "anchor-design-premium", "quantity": 1, "term": "P1Y"}],
    }  # fmt: skip

    def persist(number: int) -> list[httpx.Response]:
        key = {
            "Authorization": f"Bearer {shop.machine.keys['storefront']}",
            "Idempotency-Key": f"{shop.id}-{number}",
        }
        answers: list[httpx.Response] = []
        for _ in turns("the cart is taken", 200):
            if answers and answers[-1].status_code not in (409, 503):
                break
            time.sleep(int(answers[-1].headers["Retry-After"]) if answers else 0)
            answers.append(api.post("/v1/orders", json=cart, headers=key))
        return answers

    with api, ThreadPoolExecutor(CALLERS) as callers:
        told = list(callers.map(persist, range(CALLERS)))
    refused = [each for answers in told for each in answers[:-1]]
    assert {each.json()["code"] for each in refused} <= SHEDDING | {"request_in_progress"}
    assert all(each.json()["detail"] for each in refused)
    assert {answers[-1].status_code for answers in told} <= {201, 202}
    shop.settle()
    listed = shop.store.get("/v1/orders", store=shop.id, limit=100).json()["data"]
    assert (
        len(listed)
        == CALLERS
        == len({answers[-1].json().get("id") or answers[-1].json()["order"] for answers in told})
    )
