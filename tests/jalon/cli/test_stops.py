"""The emergency stop by the command line."""

from __future__ import annotations

import json
import subprocess

from tests.jalon.cli.conftest import Jalon
from tests.support.machines import Serving
from tests.support.shop import OpenShop


def test_charges_are_stopped_seen_and_let_go_on(jalon: Jalon, machine: Serving, open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")

    def ask(*words: str, role: str = "ops") -> subprocess.CompletedProcess[str]:
        return jalon("stops", *words, "--api", machine.urls["api"], "--key", machine.keys[role], COLUMNS="80")

    def state() -> dict[str, bool]:
        found = json.loads(ask("list", "--store", shop.id, "--json").stdout)["data"]
        return {each["what"]: each["stopped"] for each in found}

    assert state() == {"charges": False, "mail": False}
    assert ask("set", shop.id, "charges", "--reason", "the bank asked").returncode == 0
    assert state() == {"charges": True, "mail": False}
    shown = ask("list", "--store", shop.id).stdout
    assert "stopped" in shown
    assert "the bank asked" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
    refused = ask("lift", shop.id, "charges", "--reason", "it is over", role="support")
    assert (refused.returncode, state()["charges"]) == (1, True)
    assert "ops" in refused.stderr
    assert ask("lift", shop.id, "charges", "--reason", "it is over").returncode == 0
    assert state() == {"charges": False, "mail": False}
