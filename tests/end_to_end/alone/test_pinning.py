"""An order keeps the terms in force at its placement; renewals take the terms in force at their start (G6, T11)."""

from __future__ import annotations

import pytest

from jalon.local.machine import Machine
from tests.end_to_end.alone.editing import edit
from tests.support.shop import TICK, OpenShop, Order, Shop, Subscription, at, instant

FASTENING = (
    ('P1Y = "480.00"', 'P1Y = "500.00"'),
    ('window = "P90D"', 'window = "P30D"'),
    ('reminders = ["P30D", "P60D", "P83D", "P89D"]', 'reminders = ["P7D"]'),
    ('stop_until = "P0D"', 'stop_until = "P20D"'),
)
DRAFTING = (
    ('EUR = { P1Y = "560.00" }', 'EUR = { P1Y = "600.00" }'),
    ('EUR = { P1Y = "2290.00" }', 'EUR = { P1Y = "2000.00" }'),
)


@pytest.mark.rule("G6", "T11", "X15")
@pytest.mark.timeout(300)
def test_an_edited_file_changes_what_comes_not_what_was_placed_or_announced(
    open_shop: OpenShop, machine: Machine
) -> None:
    """Two stores, whose files change together: one between an order and its activation, one between the last notice and the renewal."""
    shop, announced = open_shop("fastening", "2026-01-15 10:30"), open_shop("drafting", "2026-01-15 10:30")
    placed, left = shop.order("anchor-design-standard"), shop.order("anchor-design-standard")
    unplaced = shop.order("anchor-design-standard")
    for order in (placed, left):
        order.buy()
    pinned = placed["policy_hash"]
    light, suite = [announced.order(sku).buy().subscription for sku in ("drafting-light", "drafting-suite")]
    announced.to("2027-01-06 09:00")
    assert len(announced.mails("renewal_notice")) == 2 * 3
    edit(machine, (shop, FASTENING), (announced, DRAFTING))
    what_was_placed_keeps_its_terms(shop, placed, left, unplaced, pinned)
    what_was_announced_binds_for_its_term(announced, light, suite)


def what_was_placed_keeps_its_terms(
    shop: Shop, placed: Order, left: Order, unplaced: Order, pinned: str
) -> None:
    shop.to("2026-01-20 10:30")
    assert (placed["policy_hash"], placed["total"]["amount"]) == (pinned, "480.00")
    assert instant(placed.subscription["activation_by"]) == at("2026-04-16 00:00")
    unplaced.buy()
    assert unplaced["total"]["amount"] == "500.00"
    assert unplaced["policy_hash"] != pinned
    assert instant(unplaced.subscription["activation_by"]) == at("2026-02-20 00:00")
    shop.to("2026-02-20 00:00")
    assert (unplaced.subscription.status, left.subscription.status) == ("void", "pending_activation")
    subscription = placed.subscription.start()
    assert (subscription.charged, subscription["policy_hash"]) == ([48000], pinned)
    assert instant(subscription["stop_by"]) == at("2027-02-20 00:00")
    shop.to(at("2026-04-16 00:00") - TICK)
    assert left.subscription.status == "pending_activation"
    shop.to("2026-04-16 00:00")
    assert left.subscription.status == "void"
    assert len(shop.mails("activation_reminder")) == 4 + 1 + 1
    shop.to("2027-02-20 00:00")
    assert subscription.charged == [48000, 50000]
    assert subscription["policy_hash"] == unplaced["policy_hash"]
    assert instant(subscription["stop_by"]) == at("2028-01-31 00:00")


def what_was_announced_binds_for_its_term(shop: Shop, light: Subscription, suite: Subscription) -> None:
    shop.to(at("2027-01-15 00:00") - TICK)
    assert light.charged == suite.charged == []
    shop.to("2027-01-15 00:00")
    assert (light.charged, suite.charged) == ([56000], [200000])
    shop.to("2028-01-15 00:00")
    assert (light.charged, suite.charged) == ([56000, 60000], [200000, 200000])
