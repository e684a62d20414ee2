"""The orders of `jalon demo`: one reaches its second renewal, one cannot; the report and the exit code say so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from jalon.client import subscriptions
from jalon.client.shapes import Store
from jalon.client.stores import list_stores
from jalon.rehearsal.demo.command import Outcome, finish
from jalon.rehearsal.demo.contacts import Contacts
from jalon.rehearsal.demo.journey import MILESTONES, Journey, Progress
from jalon.rehearsal.demo.report import travel
from tests.support.machines import Serving
from tests.support.stores import EXAMPLE, SandboxStore

ACTIVE = MILESTONES.index("active") + 1


@pytest.fixture
def contacts(machine: Serving) -> Iterator[Contacts]:
    made = Contacts(machine.urls, machine.keys)
    yield made
    made.close()


def listed(contacts: Contacts, store: SandboxStore) -> Store:
    """The store as the API lists it."""
    (found,) = (one for one in contacts.api().send(list_stores())["data"] if one["id"] == store.id)
    return found


def test_an_order_that_does_not_renew_is_told(
    contacts: Contacts,
    store: Callable[..., SandboxStore],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The buyer stops the renewal as soon as the subscription is active."""
    told = store("fastening")

    def stop(progress: Progress) -> None:
        if progress.reached == ACTIVE:
            for subscription in journey.subscriptions:
                contacts.api().send(subscriptions.stop_renewal(subscription, "a test"))

    journey = Journey(contacts, listed(contacts, told), "en", stop)
    outcome = Outcome([travel(journey)], 12.0)
    assert finish(outcome, tmp_path, Console(stderr=True, width=200), as_json=True) == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["ok"] is False
    (report,) = found["stores"]
    events = [each["event"] for each in report["timeline"]]
    assert "subscription_ended" in events
    assert "term_started" not in events
    assert re.search(rf"^{told.id}: sub_\w+ is purged", err, re.MULTILINE)
    assert f"everything is kept in {tmp_path}" in err
    assert tmp_path.exists()


@pytest.mark.rule("D14", "G8")
@pytest.mark.parametrize("name", ["geomatics", EXAMPLE])
def test_an_order_gets_to_its_second_renewal(
    contacts: Contacts,
    store: Callable[..., SandboxStore],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """A shipped store that asks for a certificate, and the example of the page on stores, for which there is no code."""
    report = travel(Journey(contacts, listed(contacts, store(name)), "en", lambda _progress: None))
    assert finish(Outcome([report], 12.0), tmp_path, Console(stderr=True), as_json=True) == 0
    assert not tmp_path.exists()
    told = json.loads(capsys.readouterr().out)
    assert told.keys() == {"ok", "seconds", "stores"}
    assert told["ok"] is True
    (found,) = told["stores"]
    _check(found)


def _check(store: dict[str, Any]) -> None:
    assert store.keys() == {
        "store", "order_id", "subscription_ids", "status", "timeline", "emails", "charges",
    }  # fmt: skip
    assert store["status"] == "completed"
    assert store["order_id"].startswith("ord_")
    assert all(each.startswith("sub_") for each in store["subscription_ids"])
    assert all(each.keys() == {"at", "event", "rule"} for each in store["timeline"])
    instants = [datetime.fromisoformat(each["at"]) for each in store["timeline"]]
    assert instants == sorted(instants)
    assert all(each.keys() == {"to", "template", "subject"} for each in store["emails"])
    assert [each["template"] for each in store["emails"]].count("renewed") == 2
    assert all(each.keys() == {"at", "amount", "currency"} for each in store["charges"])
    starts = [each["at"] for each in store["timeline"] if each["event"] == "term_started"]
    assert len(starts) == 2
    paid_at = [datetime.fromisoformat(each["at"]) for each in store["charges"]]
    assert paid_at[1:] == [datetime.fromisoformat(each) for each in starts], "a term is charged at its start"
