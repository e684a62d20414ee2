"""A live store with a policy of seconds: the same lifecycles on real timers, whatever is killed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from jalon.local.machine import EVERYTHING, Machine
from tests.support import shop as shops
from tests.support.shop import Answer, Order, Shop, Subscription, eventually, instant
from tests.support.stores import SandboxStore

SIGNED = {"sku": "signed", "term": "PT20S"}


@pytest.fixture
def shop(machine: Machine, store: Callable[..., SandboxStore]) -> Iterator[Shop]:
    """A store without a test clock."""
    opened = shops.shop_of(store("rapid"), machine)
    yield opened
    shops.close(opened)


def bought(shop: Shop) -> tuple[Order, Subscription]:
    order = shop.order(SIGNED)
    assert order.place().ok
    eventually(lambda: order.status == "processing" and "contract_ready" in shop.templates(), "the contract")
    return order, order.subscription


def left_until(when: str | None) -> timedelta:
    """Real time until an instant in an answer."""
    closes = instant(when)
    assert closes is not None
    return closes - datetime.now(UTC)


@pytest.mark.rule("G2", "G3", "G8", "P5", "D14", "D16", "D17")
@pytest.mark.timeout(300)
def test_whole_lives_in_seconds_through_a_stopped_worker_and_a_kill_of_every_process(shop: Shop) -> None:
    """One lifecycle to its purge; beside it a signature in time and one too late, both while no worker runs."""
    assert Answer.of(
        shop.store.post(f"/v1/test-clocks/{shop.id}/advance", {"by": "P1D"}, role="admin")
    ).refused
    order, subscription = bought(shop)
    eventually(lambda: "activation_reminder" in shop.templates(), "a reminder")
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: (order.status, subscription.status) == ("completed", "active"), "active")
    (in_time, signed), (late, unsigned) = bought(shop), bought(shop)
    for each in (signed, unsigned):
        assert each.activate().ok

    shop.machine.stop("worker")
    assert left_until(signed["activation_by"]) > timedelta(0)
    status, closes = signed.sign().pending, unsigned["activation_by"]
    eventually(lambda: left_until(closes) < timedelta(seconds=-7), "the deadline and its grace", within=60)
    after = unsigned.sign().pending
    for name in reversed([each for each in EVERYTHING if each != "worker"]):
        shop.machine.kill(name)
    shop.machine.start("worker")
    shop.machine.wait_ready()

    eventually(lambda: (signed.status, in_time.status) == ("active", "completed"), "what was signed in time")
    eventually(lambda: (unsigned.status, late.status) == ("void", "expired"), "what was not")
    applied, refused = (shop.store.get(url).json() for url in (status, after))
    assert (applied["state"], refused["state"]) == ("applied", "refused")
    assert [each["rule"] for each in refused["violations"]] == ["P5"]
    assert (set(signed.charged), unsigned.charged) == ({1200}, [])

    eventually(lambda: subscription["term_number"] >= 2, "the second renewal", within=60)
    eventually(lambda: subscription.stop().status == 200, "a term that can still be stopped", within=60)
    eventually(lambda: subscription.status == "purged", "the purge", within=90)
    terms = subscription["term_number"] + 1
    lasted = left_until(subscription["term_end"]) - left_until(subscription["term_start"])
    assert timedelta(seconds=19) < lasted < timedelta(seconds=21)
    assert subscription.charged == [1200] * terms
    assert subscription.events.count("term_started") == terms - 1
    mails_of(shop, subscription, terms)


def mails_of(shop: Shop, subscription: Subscription, terms: int) -> None:
    """Checks that each of its e-mails arrived once."""
    told = [each["data"] for each in subscription.timeline()["timeline"] if each["kind"] == "mail"]
    wanted = [
        "activation_reminder", "contract_ready", "purge_warning", "renewal_stopped", "subscription_active",
        "subscription_ended", *["renewed"] * (terms - 1),
    ]  # fmt: skip
    names = [each["template"] for each in told if each["template"] != "renewal_notice"]
    assert sorted(names) == sorted(wanted)
    arrived = [each["message_id"] for each in shop.mails()]
    assert {each["message_id"]: arrived.count(each["message_id"]) for each in told} == {
        each["message_id"]: 1 for each in told
    }


@pytest.mark.rule("D16", "D17", "G2")
@pytest.mark.timeout(180)
def test_what_comes_first_may_go_away_and_what_comes_later_still_comes(shop: Shop) -> None:
    """A timer is set for a reminder that becomes unnecessary; the renewal still takes place."""
    order, subscription = bought(shop)
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: order.status == "completed", "active")
    eventually(lambda: subscription["term_number"] == 1, "the renewal", within=60)
    assert "activation_reminder" not in shop.templates()


@pytest.mark.rule("G8", "D14")
@pytest.mark.timeout(300)
def test_a_mail_server_that_is_away_holds_no_renewal_up(shop: Shop) -> None:
    order, subscription = bought(shop)
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: (order.status, subscription.status) == ("completed", "active"), "active")
    shop.mailbox.fail("refuse_451", to=shop.email, count=1000)
    # An overdue entry waits half a minute at most for an effect under way: the notice, the cutoff and the term's end each do.
    eventually(lambda: subscription.charged == [1200] * 2, "the renewal's charge", within=150)
    assert (subscription["term_number"], shop.templates().count("renewed")) == (1, 0)
    shop.mailbox.mend()
    eventually(lambda: shop.templates().count("renewed") >= 1, "what was held back", within=120)
    arrived = [each["message_id"] for each in shop.mails()]
    assert len(arrived) == len(set(arrived))
    assert {each["copies"] for each in shop.mails()} == {1}
