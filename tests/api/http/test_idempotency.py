"""The same key and body give the same answer, however often and however fast; another body is refused (T15)."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest

from tests.support.shop import Answer, OpenShop, Order, Shop
from tests.support.world import turns

CALLERS = 40


@pytest.fixture
def shop(shared_shop: Shop) -> Shop:
    """A store that stores a mandate with an order."""
    return shared_shop


@pytest.mark.rule("T15")
def test_the_same_request_again_has_the_same_answer(shop: Shop) -> None:
    key = str(uuid.uuid4())
    first, again = shop.open("anchor-design-premium", key=key), shop.open("anchor-design-premium", key=key)
    assert first.status == again.status == HTTPStatus.CREATED
    assert first.body == again.body


@pytest.mark.rule("T15")
def test_the_answer_is_that_of_then_even_when_the_order_went_on(shop: Shop) -> None:
    key = str(uuid.uuid4())
    first = shop.open("anchor-design-premium", key=key)
    order = shop.order("anchor-design-premium")
    order.id = first.ok["id"]
    assert order.place().ok
    assert shop.open("anchor-design-premium", key=key).body == first.body


@pytest.mark.rule("T15")
def test_another_body_under_the_same_key_is_refused(shop: Shop) -> None:
    key = str(uuid.uuid4())
    assert shop.open("anchor-design-premium", key=key).ok
    answer = shop.open("anchor-design-standard", key=key)
    assert answer.refused == (422, "idempotency_key_reused", "T15")


@pytest.mark.rule("T15")
def test_a_queue_that_writes_the_body_anew_gets_the_same_answer(shop: Shop) -> None:
    key, order = str(uuid.uuid4()), shop.order("anchor-design-premium")
    url = f"{order.url}/cancel"

    def send(body: str, path: str = url) -> Answer:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        return Answer.of(shop.store.client().post(path, content=body, headers=headers))

    assert send('{"reason": "caf\\u00e9"}').ok == send('{ "reason" : "café" }').ok
    assert send('{"reason": "cafe"}').refused[1] == "idempotency_key_reused"


@pytest.mark.rule("T15")
def test_a_number_counts_by_its_value_and_absent_is_not_null(shop: Shop) -> None:
    key, line = str(uuid.uuid4()), '{"sku": "anchor-design-premium", "term": "P1Y", "quantity": %s}'
    cart = (
        f'{{"store": "{shop.id}", "country": "FR", "audience": "design_office", "currency": "EUR", %s"lines": [{line}],'
        f' "buyer": {{"email": "{shop.email}", "name": "Ana Lefèvre"%s}}}}'
    )

    def send(before: str, quantity: str, buyer: str) -> Answer:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        content = cart % (before, quantity, buyer)
        return Answer.of(shop.store.client().post("/v1/orders", content=content, headers=headers))

    first = send("", "2", "")
    assert first.ok["lines"][0]["quantity"] == 2
    for quantity in ("2.0", "2e0", "0.2e1", "20e-1"):
        assert send("", quantity, "").ok == first.ok, quantity
    for other in (("", "3", ""), ("", "2", ', "company": null'), ("", "2", ', "language": null')):
        assert send(*other).refused[:2] == (422, "idempotency_key_reused"), other


def test_two_keys_are_none(shop: Shop) -> None:
    order = shop.order("anchor-design-premium")
    headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    answer = Answer.of(shop.store.client().post(f"{order.url}/cancel", json={"reason": "x"}, headers=headers))
    assert answer.refused[:2] == (400, "idempotency_key_invalid")


@pytest.mark.rule("T15")
def test_a_rotated_key_meets_the_answer_of_the_former_one(shop: Shop) -> None:
    issued = [
        Answer.of(
            shop.store.post(
                "/v1/keys",
                {
                    "person": f"shop of {shop.id}",
                    "role": "storefront",
                    "stores": [shop.id],
                    "reason": "a test",
                },
                role="admin",
            )
        ).ok["token"]
        for _ in range(2)
    ]
    order, key = shop.order("anchor-design-premium"), str(uuid.uuid4())
    answers = [
        shop.browser.post(
            f"{order.url}/cancel",
            json={"reason": "x"},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )
        for token in issued
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


@pytest.mark.rule("T15")
def test_a_key_used_in_two_stores_means_in_each_its_own_request(open_shop: OpenShop) -> None:
    shops = (open_shop("fastening"), open_shop("fastening"))
    person, key = f"shop of {shops[0].id}", str(uuid.uuid4())

    def token(*stores: str) -> str:
        body = {"person": person, "role": "storefront", "stores": list(stores), "reason": "a test"}
        return str(Answer.of(shops[0].store.post("/v1/keys", body, role="admin")).ok["token"])

    def cancel(order: Order, bearer: str, reason: str = "x") -> Answer:
        headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": key}
        return Answer.of(
            shops[0].browser.post(f"{order.url}/cancel", json={"reason": reason}, headers=headers)
        )

    orders = [each.order("anchor-design-premium") for each in shops]
    first = [cancel(order, token(order.shop.id)).ok for order in orders]
    both = token(*(each.id for each in shops))
    assert [cancel(order, both).ok for order in orders] == first
    for order in (orders[1], orders[0], shops[0].order("anchor-design-premium")):
        refused = cancel(order, both, "another reason")
        assert refused.refused == (422, "idempotency_key_reused", "T15")
    other = Answer.of(
        shops[0].browser.post(
            "/v1/orders/ord_none/cancel",
            json={"reason": "x"},
            headers={"Authorization": f"Bearer {both}", "Idempotency-Key": key},
        )
    )
    assert other.refused == (422, "idempotency_key_reused", "T15")


def test_another_path_under_the_same_key_is_refused(shop: Shop) -> None:
    key = str(uuid.uuid4())
    order = shop.order("anchor-design-premium")
    assert order.post("cancel", {"reason": "x"}, key=key).ok
    assert order.place(key=key).refused[1] == "idempotency_key_reused"


def test_a_refusal_is_repeated_too(shop: Shop) -> None:
    key = str(uuid.uuid4())
    order = shop.order("anchor-design-premium")
    first, again = order.post("place", {}, key=key), order.post("place", {}, key=key)
    assert first.status == again.status == 422
    assert first.body["violations"] == again.body["violations"]


def test_what_was_refused_before_it_was_recorded_leaves_the_key_free(shop: Shop) -> None:
    key = str(uuid.uuid4())
    assert shop.open("no-such-thing", key=key).status == 422
    assert shop.open("anchor-design-premium", key=key).ok


@pytest.mark.rule("T15")
def test_40_identical_posts_at_once_make_one_order_and_one_placement(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    # The first request of a process builds validators, which forty threads would build at once.
    assert shop.open("unheard-of").status >= HTTPStatus.BAD_REQUEST
    key = str(uuid.uuid4())
    opened = _all_at_once(lambda: shop.open("anchor-design-premium", key=key))
    assert {answer.ok["id"] for answer in opened} == {opened[0].ok["id"]}
    listed = shop.store.get("/v1/orders", store=shop.id).json()["data"]
    assert len(listed) == 1
    order = shop.order("anchor-design-premium")
    place_key = str(uuid.uuid4())
    placed = _all_at_once(lambda: order.place(key=place_key))
    assert {answer.ok["id"] for answer in placed} == {order.id}
    assert order.events.count("order_placed") == 1


AGAIN = {409: "request_in_progress", 503: "overloaded"}
"""The refusals after which the same request is sent again."""


def _all_at_once(ask: object) -> list[Answer]:
    """40 callers. Each retries while the first request is open, and where too many come at once, as the answer asks."""
    assert callable(ask)

    def persist(_: int) -> Answer:
        answer: Answer = ask()
        for _ in turns("the first request is answered", 200):
            if answer.status not in AGAIN:
                break
            assert answer.body["code"] == AGAIN[answer.status]
            time.sleep(0.2)
            answer = ask()
        return answer

    with ThreadPoolExecutor(CALLERS) as callers:
        return list(callers.map(persist, range(CALLERS)))
