"""One night of an operator with the command line alone: orders stop, their cause is found, one is repaired, then all of them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable

import pytest

from tests.jalon.cli.conftest import Jalon
from tests.support.machines import Serving
from tests.support.shop import OpenShop, Order, Shop

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    return open_shop("drafting", "2026-03-02 10:00")


def refused(shop: Shop, times: int) -> Order:
    """An order whose payment the bank refuses so many times."""
    order = shop.order("drafting-light")
    shop.bank.fault("refuse_400", match={"entity": order.id}, count=times, code="merchant_suspended")
    assert order.place().ok
    shop.settle()
    return order


def told(result: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The facts that a command printed, by their names."""
    assert result.stderr == "", result.stderr
    assert "\x1b" not in result.stdout
    assert [line for line in result.stdout.splitlines() if line != line.rstrip()] == []
    pairs = (re.split(r" {2,}", line, maxsplit=1) for line in result.stdout.splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and pair[0]}


Ask = Callable[..., subprocess.CompletedProcess[str]]


def test_a_night(jalon: Jalon, machine: Serving, shop: Shop) -> None:
    def ask(*words: str, columns: str = "80", role: str = "ops") -> subprocess.CompletedProcess[str]:
        options = ("--api", machine.urls["api"], "--key", machine.keys[role])
        result = jalon(*words, *options, COLUMNS=columns)
        # A command to copy stays on its line.
        wide = [line for line in result.stdout.splitlines() if len(line) > 80 and ": jalon " not in line]
        assert "--json" in words or columns == "" or wide == []
        return result

    orders = [refused(shop, times) for times in (1, 1, 9)]
    fingerprint = find_the_cause(ask, shop, orders)
    mind_the_cause(ask, shop, fingerprint)
    repair_all(ask, shop, fingerprint, orders)
    read_what_healed(ask, orders)
    give_up_the_last(ask, shop, orders)


def find_the_cause(ask: Ask, shop: Shop, orders: list[Order]) -> str:
    of_store = ("--store", shop.id)
    listed = ask("causes", *of_store).stdout.splitlines()
    assert listed[0].split() == ["cause", "count", "kind", "step"]
    fingerprint = listed[1].split()[0]
    assert listed[1].split()[1:] == ["3", "parked", "payment"]
    assert "error ProviderRefusedRequest:merchant_suspended" in " ".join(listed[2:])
    piped = ask("causes", "list", *of_store, columns="").stdout.splitlines()
    assert len(piped) == 2
    assert "ProviderRefusedRequest:merchant_suspended" in piped[1]
    shown = ask("causes", "show", fingerprint, *of_store)
    facts = told(shown)
    assert (facts["step"], facts["error"]) == ("payment", "ProviderRefusedRequest:merchant_suspended")
    assert facts["money"].endswith(" EUR")
    assert all(order.id in shown.stdout for order in orders)
    assert len(json.loads(ask("causes", "show", fingerprint, *of_store, "--json").stdout)["entities"]) == 3
    return fingerprint


def mind_the_cause(ask: Ask, shop: Shop, fingerprint: str) -> None:
    of_store = ("--store", shop.id)
    assert told(ask("causes", "note", fingerprint, "the bank was called", *of_store))["note"]
    assert told(ask("causes", "own", fingerprint, "Olga", *of_store))["owner"] == "Olga"
    ignored = ask("causes", "ignore", fingerprint, "--until", "8h", "--reason", "known", *of_store)
    assert "known" in told(ignored)["ignored"]
    assert ask("causes", *of_store).stdout == "nothing is stuck\n"
    assert "ignored" not in told(ask("causes", "unignore", fingerprint, *of_store))


def repair_all(ask: Ask, shop: Shop, fingerprint: str, orders: list[Order]) -> None:
    plan = (
        "repairs",
        "plan",
        "--cause",
        fingerprint,
        "--store",
        shop.id,
        "--name",
        "INC-7",
        "--reason",
        "it answers",
    )
    planned = ask(*plan, "--canary", "1")
    facts = told(planned)
    assert facts["action"] == "retry of 3"
    assert facts["pace"].startswith("1 first, the rest once they healed")
    start = planned.stdout.splitlines()[-1].removeprefix("start it: jalon ").split()
    assert (start[:2], start[-1]) == (["repairs", "start"], "--wait")
    stale = ask(*start[:3], "--version", "0" * 16)
    assert (stale.returncode, stale.stderr.split(":")[0]) == (1, "plan_changed")
    fresh = stale.stderr.splitlines()[-1].removeprefix("  read it: jalon ").split()
    assert told(ask(*fresh))["action"] == "retry of 3"
    made = json.loads(ask(*plan, "--canary", "1", "--json").stdout)
    ended = ask("repairs", "start", made["plan"], "--version", made["version"], "--wait")
    assert ended.returncode == 3, ended.stderr
    assert re.search(r"(running|done): 2 healed, 1 parked again, 0 parked other, 0 refused\n", ended.stderr)
    lines = ended.stdout.splitlines()
    assert ["healed", "2"] in [line.split() for line in lines]
    assert any(orders[2].id in line for line in lines)


def read_what_healed(ask: Ask, orders: list[Order]) -> None:
    repair = json.loads(ask("repairs", "list", "--json").stdout)["data"][0]["id"]
    facts = told(ask("repairs", "status", repair))
    assert (facts["state"], facts["healed"], facts["pending"]) == ("done", "2", "0")
    healed = ask("repairs", "items", repair, "--outcome", "healed", columns="").stdout.splitlines()
    assert {line.split()[2] for line in healed[1:]} == {order.id for order in orders[:2]}
    assert "| healed | 2 |" in ask("repairs", "report", repair).stdout
    assert repair in ask("repairs").stdout
    over = ask("repairs", "abort", repair, "--reason", "late")
    assert (over.returncode, "\n  reference " in over.stderr) == (1, True)


def give_up_the_last(ask: Ask, shop: Shop, orders: list[Order]) -> None:
    found = ask("orders", "find", orders[2]["number"], columns="", role="support")
    assert orders[2].id in found.stdout
    named = ("--step", "payment", "--name", "INC-8", "--reason", "again")
    assert told(ask("repairs", "plan", "--order", orders[2].id, *named))["action"] == "retry of 1"
    none = ask("repairs", "plan", "--order", orders[0].id, *named)
    assert (none.returncode, "left out" in none.stdout) == (1, True)
    ended = ask("orders", "compensate", orders[2]["number"], "--step", "payment", "--reason", "given up")
    assert (ended.returncode, "cancelled" in ended.stdout.splitlines()[0]) == (0, True), ended.stderr
    assert ask("causes", "--store", shop.id).stdout == "nothing is stuck\n"
