"""A live store whose policy counts in seconds: the same lives on real timers, whatever is killed in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from local.machine import EVERYTHING, Machine
from tests import driver
from tests.driver import Order, Shop, Subscription, eventually, instant
from tests.rehearsal import Rehearsal

SIGNED = {"sku": "signed", "term": "PT20S"}


@pytest.fixture
def shop(machine: Machine, store: Callable[..., Rehearsal]) -> Iterator[Shop]:
    """A store without a test clock."""
    opened = driver.shop_of(store("rapid"), machine)
    yield opened
    driver.close(opened)


def bought(shop: Shop) -> tuple[Order, Subscription]:
    order = shop.order(SIGNED)
    assert order.place().ok
    eventually(lambda: order.status == "processing" and "contract_ready" in shop.templates(), "the contract")
    return order, order.subscription


def left_until(when: str | None) -> timedelta:
    """Real time until an instant of an answer."""
    closes = instant(when)
    assert closes is not None
    return closes - datetime.now(UTC)


@pytest.mark.rule("G2", "G8", "D14", "D16", "D17")
@pytest.mark.timeout(240)
def test_a_whole_life_in_seconds_through_a_kill_of_every_process(shop: Shop) -> None:
    assert (
        shop.rehearsal.post(f"/v1/test-clocks/{shop.id}/advance", {"by": "P1D"}, role="admin").status_code
        == 409
    )
    order, subscription = bought(shop)
    eventually(lambda: "activation_reminder" in shop.templates(), "a reminder")
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: (order.status, subscription.status) == ("completed", "active"), "active")
    first = instant(subscription["term_start"])
    assert first is not None
    for name in reversed(EVERYTHING):
        shop.machine.kill(name)
    shop.machine.wait_ready()
    eventually(lambda: subscription["term_number"] == 1, "the first renewal", within=60)
    eventually(lambda: subscription["term_number"] == 2, "the second renewal", within=60)
    assert subscription.stop().ok
    eventually(lambda: subscription.status == "purged", "the purge", within=60)
    assert instant(subscription["term_end"]) == first + timedelta(seconds=60)
    assert subscription.charged == [1200] * 3
    lived = [
        "order_processing", "contract_ready", "activation_reminder", "subscription_active", "renewed", "renewed",
        "renewal_stopped", "subscription_ended", "purge_warning",
    ]  # fmt: skip
    eventually(lambda: set(lived) <= set(shop.templates()), "every mail of that life")
    told = shop.mails()
    assert [each["template"] for each in told if each["template"] != "renewal_notice"] == lived
    assert len({each["message_id"] for each in told}) == len(told)


@pytest.mark.rule("G3", "P5")
@pytest.mark.timeout(180)
def test_a_signature_in_time_counts_although_the_worker_was_down_over_the_deadline(shop: Shop) -> None:
    (in_time, signed), (late, unsigned) = bought(shop), bought(shop)
    for subscription in (signed, unsigned):
        assert subscription.activate().ok
    closes = unsigned["activation_by"]
    shop.machine.stop("worker")
    assert left_until(signed["activation_by"]) > timedelta(0)
    status = signed.sign().pending
    eventually(lambda: left_until(closes) < timedelta(seconds=-7), "the deadline and its grace", within=60)
    after = unsigned.sign().pending
    shop.machine.start("worker")
    eventually(lambda: (signed.status, in_time.status) == ("active", "completed"), "what was signed in time")
    eventually(lambda: (unsigned.status, late.status) == ("void", "expired"), "what was not")
    applied, refused = (shop.rehearsal.get(url).json() for url in (status, after))
    assert (applied["state"], refused["state"]) == ("applied", "refused")
    assert [each["rule"] for each in refused["violations"]] == ["P5"]
    assert (signed.charged, unsigned.charged) == ([1200], [])
