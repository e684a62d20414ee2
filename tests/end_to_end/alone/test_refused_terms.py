"""A term that was not announced in time, refused while no worker runs: its receipt decides, and nothing is charged (X16, G3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jalon.local.machine import Machine
from tests.support.shop import TICK, OpenShop, eventually, instant


@pytest.mark.rule("X16", "G3")
@pytest.mark.timeout(300)
def test_a_refusal_in_its_time_counts_though_the_worker_hears_of_it_later(
    open_shop: OpenShop, machine: Machine
) -> None:
    shop = open_shop("lifecycle", "2026-02-02 10:00")
    refused, kept = (shop.order("mechanical-designer").buy().subscription for _ in range(2))
    shop.mailbox.fail("refuse_554", to=shop.email, count=4)
    began = instant(refused["term_end"])
    assert began is not None
    shop.to(began + timedelta(days=1))
    for each in (refused, kept):
        assert each["charge_waits_for"]["until"] is None
        assert each.post("renewal-notices", {"reason": "asked"}, role="support").ok
    shop.settle()
    until = instant(refused["charge_waits_for"]["until"])
    assert until is not None
    shop.to(until - TICK)
    paid = [len(each.charged) for each in (refused, kept)]

    machine.stop("worker")
    request = refused.stop().pending
    machine.start("worker")
    machine.wait_ready()
    eventually(lambda: shop.store.get(request).json()["state"] == "applied", "the refusal", within=60)

    shop.to(until)
    assert (refused.status, instant(refused["ended_at"])) == ("data_retained", until - TICK)
    assert (kept.status, kept["charge_waits_for"]) == ("active", None)
    assert [len(each.charged) for each in (refused, kept)] == [paid[0], paid[1] + 1]
