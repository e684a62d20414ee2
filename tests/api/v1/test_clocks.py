"""Test clocks: moved by an instant or a duration, never back, once per key; writes wait while they move."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from tests.support.shop import Answer, OpenShop, Shop, instant


def advance(shop: Shop, key: str | None = None, **body: str) -> Answer:
    """Asks for an advance."""
    return Answer.of(shop.store.post(f"/v1/test-clocks/{shop.id}/advance", body, role="admin", key=key))


def test_by_and_to_keep_the_wall_time_and_never_go_back(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-03-28 10:30")
    assert advance(shop, by="P1D").ok["now"] == "2026-03-29T10:30:00+02:00"
    assert advance(shop, by="PT24H").ok["now"] == "2026-03-30T10:30:00+02:00"
    assert advance(shop, by="P1M").ok["now"] == "2026-04-30T10:30:00+02:00"
    assert (
        advance(shop, to="2026-04-30T10:30:00.000001+02:00").ok["now"] == "2026-04-30T10:30:00.000001+02:00"
    )
    assert advance(shop, to="2026-04-30T10:30:00+02:00").refused[:2] == (422, "clock_backwards")
    for wrong in ("day", "P99999Y", "P1DT1H"):
        assert advance(shop, by=wrong).refused[:2] == (422, "duration_invalid")
    for body in ({}, {"by": "P1D", "to": "2027-01-01T00:00:00Z"}, {"to": "2027-01-01T00:00:00"}):
        assert advance(shop, **body).refused[:2] == (422, "invalid_request")


def test_an_advance_reaches_ten_years_at_most_and_never_the_edge_of_the_calendar(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    for far in ({"by": "P121M"}, {"to": "2036-01-15T10:30:00.000001+01:00"}, {"by": "PT87673H"}):
        refused = advance(shop, **far)
        assert refused.refused[:2] == (422, "advance_too_long")
        assert refused.body["violations"][0]["pointer"] == f"/{next(iter(far))}"
    for edge in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2200-01-01T00:00:00Z"):
        assert advance(shop, to=edge).body["violations"][0]["pointer"] == "/to"
    assert instant(shop.store.get(f"/v1/test-clocks/{shop.id}", role="admin").json()["now"]) == shop.now
    assert advance(shop, by="P10Y").ok["now"] == "2036-01-15T10:30:00+01:00"


def test_a_clock_stays_within_the_calendar_and_what_is_bought_last_still_has_its_dates(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    for _ in range(17):
        advance(shop, by="P10Y")
    assert advance(shop, by="P4Y").refused[:2] == (422, "advance_too_long")
    assert advance(shop, by="P3Y").ok["now"].startswith("2199-03-02")
    subscription = shop.order("drafting-light").buy().subscription
    assert (subscription.status, subscription["term_end"][:4]) == ("active", "2200")
    assert shop.parked() == []


def test_an_advance_under_one_key_is_one_advance(open_shop: OpenShop) -> None:
    shop, key = open_shop("fastening", "2026-01-01 00:00"), str(uuid.uuid4())
    assert advance(shop, key, by="P1D").ok["now"] == advance(shop, key, by="P1D").ok["now"]


def test_an_advance_answers_with_what_happened(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium")
    moved = advance(shop, by="P40D").ok
    assert [event["type"] for event in moved["events"]] == ["order.cart_reminded", "order.cart_abandoned"]
    assert (moved["delivered"], moved["unsettled"], moved["parked"]) == (2, [], [])
    assert order.status == "expired"


def test_a_write_during_an_advance_waits_for_it(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    for _ in range(2):
        shop.order("anchor-design-premium").buy()
    with ThreadPoolExecutor(1) as other:
        moving = other.submit(advance, shop, by="P1Y")
        answers: list[Answer] = []
        while not moving.done():
            answers.append(shop.open("anchor-design-premium"))
        assert moving.result().status in (200, 202)
    refused = [answer for answer in answers if answer.status == 409]
    assert refused
    assert {answer.body["code"] for answer in refused} == {"clock_advancing"}
    assert refused[0].body["progress"]["to"].startswith("2027-01-15")


def test_a_clock_of_another_store_is_not_found(shared_shop: Shop) -> None:
    assert shared_shop.store.get("/v1/test-clocks/no-such-store").status_code == 404
    assert Answer.of(shared_shop.store.get(f"/v1/test-clocks/{shared_shop.id}")).ok["advancing_to"] is None
