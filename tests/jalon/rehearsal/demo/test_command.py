"""An order that cannot reach its second renewal is reported, on the terminal and by the exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from jalon.client import subscriptions
from jalon.client.stores import list_stores
from jalon.rehearsal.demo.command import Outcome, finish
from jalon.rehearsal.demo.contacts import Contacts
from jalon.rehearsal.demo.journey import MILESTONES, Journey, Progress
from jalon.rehearsal.demo.report import travel
from tests.support.machines import Serving
from tests.support.stores import SandboxStore

ACTIVE = MILESTONES.index("active") + 1


@pytest.fixture
def contacts(machine: Serving) -> Iterator[Contacts]:
    made = Contacts(machine.urls, machine.keys)
    yield made
    made.close()


def test_an_order_that_does_not_renew_is_told(
    contacts: Contacts,
    store: Callable[..., SandboxStore],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The buyer stops the renewal as soon as the subscription is active."""
    told = store("fastening")
    (listed,) = (one for one in contacts.api().send(list_stores())["data"] if one["id"] == told.id)

    def stop(progress: Progress) -> None:
        if progress.reached == ACTIVE:
            for subscription in journey.subscriptions:
                contacts.api().send(subscriptions.stop_renewal(subscription))

    journey = Journey(contacts, listed, "en", stop)
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
