"""A form that arrives in time counts, though the database reads the page of it after the deadline (G3)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest

from jalon.local.machine import Machine
from tests.support import shop as shops
from tests.support.portal import Guest, Screen
from tests.support.rapid import bought, left_until
from tests.support.shop import Shop, eventually
from tests.support.stores import SandboxStore

BEFORE, AFTER = timedelta(seconds=0.7), timedelta(seconds=0.7)


@pytest.fixture
def shop(machine: Machine, store: Callable[..., SandboxStore]) -> Iterator[Shop]:
    """A store without a test clock."""
    opened = shops.shop_of(store("rapid"), machine)
    yield opened
    shops.close(opened)


def sent_over(machine: Machine, closes_at: str, table: str, send: Callable[[], Screen]) -> Screen:
    """The answer to a form that is sent just before the deadline, where the table cannot be read until just after it."""
    owner_url = machine.owner_url.replace("+psycopg", "")
    with psycopg.connect(owner_url) as owner, ThreadPoolExecutor(1) as thread:
        assert left_until(closes_at) > BEFORE, "the machine is too slow for this test"
        time.sleep((left_until(closes_at) - BEFORE).total_seconds())
        owner.execute(f"lock table {table} in access exclusive mode")
        sending = thread.submit(send)
        time.sleep((left_until(closes_at) + AFTER).total_seconds())
        assert not sending.done()
        owner.rollback()
        return sending.result()


@pytest.mark.rule("G3", "D15")
@pytest.mark.timeout(180)
def test_a_stop_at_the_portal_counts_by_the_instant_at_which_it_arrived(shop: Shop, machine: Machine) -> None:
    _, subscription = bought(shop)
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
    with Guest(shop) as ana:
        ana.sign_in(path)
        assert subscription.activate().ok
        assert subscription.sign().ok
        eventually(lambda: subscription.status == "active", "active")
        warning = ana.send(ana.see(f"{path}/stop"), "/stop", reason="The project is over")
        stop_by = subscription["stop_by"]
        stopped = sent_over(machine, stop_by, "portal_session", lambda: ana.send(warning, "/stop"))
    assert (stopped.status, [each for each in stopped.links if "/receipts/" in each] != []) == (200, True)
    assert datetime.fromisoformat(subscription["stop_requested_at"]) < datetime.fromisoformat(stop_by)


@pytest.mark.rule("G3", "P5")
@pytest.mark.timeout(180)
def test_a_signature_counts_by_the_instant_at_which_it_arrived(shop: Shop, machine: Machine) -> None:
    _, subscription = bought(shop)
    with Guest(shop) as ana:
        assert subscription.activate().ok
        asked = ana.see(shop.link("contract_ready", "contract"))
        fields = {"signer_name": "Ana Lefèvre", "consent": "yes"}
        closes_at = subscription["activation_by"]
        sent_over(machine, closes_at, "entity", lambda: ana.send(asked, "/sign", **fields))
    eventually(lambda: subscription.status != "pending_activation", "the end of the activation")
    assert subscription.status == "active"
