"""`jalon orders` on real orders: found by number, drawn with their subscriptions, listed while stuck, and drawn after a repair."""

from __future__ import annotations

import json
import re
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


def test_an_order_shows_what_its_subscription_waits_for_and_until_when(
    jalon: Jalon, machine: Serving, shop: Shop
) -> None:
    order = shop.order("drafting-light").buy(card=f"card_expires_later.{shop.id}")
    shop.store.advance(by="P1Y")
    assert order.subscription.standing == "past_due"
    for named in (order["number"], order["number"].lower(), order.id):
        shown = ask(jalon, machine, "show", named, role="support").stdout.splitlines()
        assert shown[0].split() == [order["number"], "completed"]
        head = {line.split()[0]: line for line in shown[1:12]}
        assert (order.id in head["order"], shop.email in head["buyer"]) == (True, True)
        assert "1 × " in head["product"]
        assert head["total"].endswith(" EUR")
        place = shown.index(head["subscription"])
        assert (order.subscription.id in shown[place], "past_due" in shown[place]) == (True, True)
        assert shown[place + 1].split("  ")[-1].strip() == "the buyer, to give a payment method that works"
        assert shown[place + 2].split()[:2] == ["until", "2027-03-10"]
        assert "(recovery, " in shown[place + 2]
        assert [line for line in shown if len(line) > 80 or line != line.rstrip()] == []
    own = ask(jalon, machine, "show", order.subscription.id, role="support").stdout.splitlines()
    assert own[0].split()[-1] == "past_due"
    assert [line.split()[1] for line in own if line.startswith("order ")] == [order.id]


def test_orders_are_found_at_any_width_and_in_a_pipe(jalon: Jalon, machine: Serving, shop: Shop) -> None:
    orders = [shop.order("drafting-light") for _ in range(2)]
    options = ("--api", machine.urls["api"], "--key", machine.keys["support"])
    narrow = jalon("orders", "find", shop.email, *options, COLUMNS="80").stdout.splitlines()
    assert narrow[0].split() == ["number", "status", "id"]
    for order in orders:
        assert any(line.split() == [order["number"], "cart", order.id] for line in narrow), narrow
    piped = jalon("orders", "find", shop.email, *options, COLUMNS="").stdout.splitlines()
    assert len(piped) == 3
    assert all(shop.email in line and "the buyer, to place the order" in line for line in piped[1:])
    found = json.loads(jalon("orders", "find", shop.email, *options, "--json").stdout)
    assert {each["id"] for each in found["data"]} == {order.id for order in orders}
    none = jalon("orders", "find", "nobody@example.com", *options)
    assert (none.returncode, none.stdout) == (1, "nothing is found by nobody@example.com with your key\n")


def test_several_orders_of_a_buyer_are_told_apart_and_none_is_a_sentence(
    jalon: Jalon, machine: Serving, shop: Shop
) -> None:
    orders = [shop.order("drafting-light") for _ in range(2)]
    several = ask(jalon, machine, "show", shop.email, role="support")
    assert several.returncode == 1
    assert all(order.id in several.stderr for order in orders)
    nobody = ask(jalon, machine, "show", "DRA-2020-NOBODY", role="support")
    assert (nobody.returncode, "no order is found by DRA-2020-NOBODY" in nobody.stderr) == (1, True)


def test_only_a_number_or_an_id_says_which_order_is_repaired(
    jalon: Jalon, machine: Serving, shop: Shop
) -> None:
    order = shop.order("drafting-light")
    assert ask(jalon, machine, "show", shop.email, role="support").returncode == 0
    refused = ask(jalon, machine, "park", shop.email, "--step", "payment", "--reason", "r")
    assert refused.returncode == 1
    assert f"no order has the number {shop.email}: name one by its number or id" in refused.stderr
    assert order.id in refused.stderr


def test_a_repair_is_drawn_once_it_shows(jalon: Jalon, machine: Serving, shop: Shop) -> None:
    order = refused_by_the_bank(shop, count=2)
    listed = ask(jalon, machine, "stuck", "--store", shop.id).stdout.splitlines()
    assert listed[0].endswith(": ProviderRefusedRequest:merchant_suspended")
    assert "jalon orders retry ORDER --step payment" in listed[1]
    assert listed[2].split() == [order.id, order["number"], "submitted", shop.id]
    retry = ("retry", order["number"], "--step", "payment", "--reason", "the bank called")
    again = ask(jalon, machine, *retry)
    assert again.stdout.count("step parked") == 2, again.stdout
    assert re.search(r"waits for +an operator, to repair a step that stopped\n", again.stdout)
    told = " ".join(again.stdout.split())
    assert "stopped payment is parked since 2026-03-02 10:00: ProviderRefusedRequest:merchant_susp" in told
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
