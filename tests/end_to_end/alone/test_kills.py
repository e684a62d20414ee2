"""A live store through a stopped worker and a kill of every process: what was received is judged by its receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from jalon.local.machine import EVERYTHING, Machine
from tests.support import shop as shops
from tests.support.rapid import bought, left_until
from tests.support.shop import Answer, Shop, Subscription, eventually
from tests.support.stores import SandboxStore


@pytest.fixture
def shop(machine: Machine, store: Callable[..., SandboxStore]) -> Iterator[Shop]:
    """A store without a test clock."""
    opened = shops.shop_of(store("rapid"), machine)
    yield opened
    shops.close(opened)


@pytest.mark.rule("G2", "G3", "G8")
@pytest.mark.timeout(300)
def test_whole_lives_in_seconds_through_a_stopped_worker_and_a_kill_of_every_process(
    shop: Shop, machine: Machine
) -> None:
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

    machine.stop("worker")
    assert left_until(signed["activation_by"]) > timedelta(0)
    status, closes = signed.sign().pending, unsigned["activation_by"]
    eventually(lambda: left_until(closes) < timedelta(seconds=-7), "the deadline and its grace", within=60)
    after = unsigned.sign().pending
    for name in reversed([each for each in EVERYTHING if each != "worker"]):
        machine.kill(name)
    machine.start("worker")
    machine.wait_ready()

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
