"""`jalon orders` on real orders: found by number, drawn with their subscriptions, listed while stuck, and drawn after a repair."""

from __future__ import annotations

import subprocess

import pytest

from tests.jalon.cli.conftest import Jalon
from tests.support.machines import Serving
from tests.support.shop import OpenShop, Order, Shop

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    return open_shop("drafting", "2026-03-02 10:00")


def ask(
    jalon: Jalon, machine: Serving, *arguments: str, role: str = "ops"
) -> subprocess.CompletedProcess[str]:
    """The command at 80 columns, under a key of this role."""
    options = ("--api", machine.urls["api"], "--key", machine.keys[role])
    return jalon("orders", *arguments, *options, COLUMNS="80")


def refused_by_the_bank(shop: Shop, count: int) -> Order:
    order = shop.order("drafting-light")
    shop.bank.fault("refuse_400", match={"entity": order.id}, count=count, code="merchant_suspended")
    assert order.place().ok
    shop.settle()
    return order


def test_an_order_is_found_by_number_and_shows_what_its_subscription_waits_for(
    jalon: Jalon, machine: Serving, shop: Shop
) -> None:
    order = shop.order("drafting-light").buy(card=f"card_expires_later.{shop.id}")
    shop.store.advance(by="P1Y")
    assert order.subscription.standing == "past_due"
    for named in (order["number"], order["number"].lower(), order.id):
        shown = ask(jalon, machine, "show", named, role="support").stdout.splitlines()
        assert shown[0].split() == [order["number"], order.id, "completed"]
        assert shop.email in shown[1]
        assert (order.subscription.id in shown[2], shown[2].endswith("past_due")) == (True, True)
    own = ask(jalon, machine, "show", order.subscription.id, role="support").stdout.splitlines()
    assert own[0].split()[-1] == "past_due"


def test_several_orders_of_a_buyer_are_told_apart_and_none_is_a_sentence(
    jalon: Jalon, machine: Serving, shop: Shop
) -> None:
    orders = [shop.order("drafting-light") for _ in range(2)]
    several = ask(jalon, machine, "show", shop.email, role="support")
    assert several.returncode == 1
    assert all(order.id in several.stderr for order in orders)
    nobody = ask(jalon, machine, "show", "DRA-2020-NOBODY", role="support")
    assert (nobody.returncode, "no order is found by DRA-2020-NOBODY" in nobody.stderr) == (1, True)


def test_a_repair_is_drawn_once_it_shows(jalon: Jalon, machine: Serving, shop: Shop) -> None:
    order = refused_by_the_bank(shop, count=2)
    listed = ask(jalon, machine, "stuck", "--store", shop.id).stdout.splitlines()
    assert listed[0].endswith(": ProviderRefusedRequest:merchant_suspended")
    assert "jalon orders retry ORDER --step payment" in listed[1]
    assert listed[2].split() == [order.id, order["number"], "submitted", shop.id]
    retry = ("retry", order["number"], "--step", "payment", "--reason", "the bank called")
    again = ask(jalon, machine, *retry)
    assert again.stdout.count("step parked") == 2, again.stdout
    assert again.stdout.rstrip().endswith("waits for an operator, to repair a step that stopped")
    gone_on = ask(jalon, machine, *retry)
    assert "order completed" in gone_on.stdout
    assert "waits for an operator" not in gone_on.stdout
    assert ask(jalon, machine, "stuck", "--store", shop.id).stdout == "nothing is stuck\n"
    twice = ask(jalon, machine, *retry)
    assert (twice.returncode, twice.stderr.split(":")[0]) == (1, "entity_closed")


@pytest.mark.parametrize(
    "edit",
    [
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": "\\ud800"}',
        "[" * 100_000,
        "9" * 5_000,
        "[1]",
        "{",
        "",
    ],
)
def test_an_edit_that_is_no_json_object_is_refused_before_anything_is_sent(jalon: Jalon, edit: str) -> None:
    nowhere = ("--api", "http://127.0.0.1:9", "--key", "jln_none")
    refused = jalon(
        "orders",
        "retry",
        "ord_1",
        "--step",
        "payment",
        "--reason",
        "r",
        "--edit",
        edit,
        *nowhere,
        COLUMNS="80",
    )
    assert (refused.returncode, "--edit" in refused.stderr) == (2, True)
    assert "Traceback" not in refused.stderr
