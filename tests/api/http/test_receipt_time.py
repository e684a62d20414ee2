"""A receipt is committed within 3 s of its stamp or not at all, so that a closing never misses one (G3)."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support.machines import Serving
from tests.support.shop import Shop


@pytest.mark.rule("G3", "T15")
@pytest.mark.parametrize(("held_for", "status"), [(1.0, 200), (3.5, 503)])
def test_a_write_that_waits_too_long_for_its_turn_is_not_recorded(
    shared_shop: Shop, machine: Serving, held_for: float, status: int
) -> None:
    order, key = shared_shop.order("anchor-design-premium"), str(uuid.uuid4())
    url = machine.environment["JALON_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as closing, ThreadPoolExecutor(1) as caller:
        closing.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (order.id,))
        answered = caller.submit(order.post, "cancel", {"reason": "again"}, key)
        time.sleep(held_for)
        closing.rollback()
        answer = answered.result()
    assert answer.status == status, answer.text
    if status == 503:
        assert (answer.body["code"], answer.body["rule"]) == ("receipt_too_late", "G3")
        assert order.status == "cart"
        assert order.post("cancel", {"reason": "again"}, key=key).ok
