"""A parked step keeps its request, and the deadlines that it blocked move by the parked time, in whole days."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.stops import Stop
from tests.workflows.engine.conftest import NOON, TICK
from workflows.engine.agenda import Due, Entry
from workflows.engine.parking import Parking
from workflows.engine.transition_builder import TransitionBuilder
from workflows.subscription.state import SubscriptionState

PARIS = Calendar("Europe/Paris")
DAY = timedelta(days=1)
BLOCKED = Entry(Due.RECOVERY, NOON + 9 * DAY, Due.RECOVERY, "X3", "vendor", closing=True, blocked_by="charge")


@pytest.fixture
def parking(state: SubscriptionState) -> Parking:
    return Parking(state, TransitionBuilder())


@pytest.mark.parametrize(
    ("parked_for", "days"),
    [(timedelta(0), 0), (TICK, 1), (DAY - TICK, 1), (DAY, 1), (DAY + TICK, 2)],
)
def test_a_blocked_deadline_moves_by_whole_days(
    live: bool, state: SubscriptionState, parking: Parking, parked_for: timedelta, days: int
) -> None:
    """The time is real in a live store, the test clock's in a sandbox."""
    state.now = NOON
    parking.park("charge", {}, "ProviderUnreachable", NOON)
    state.agenda.put(replace(BLOCKED))
    real_now = NOON + parked_for if live else NOON + 99 * DAY
    state.now = NOON + 99 * DAY if live else NOON + parked_for
    ((entry, to),) = parking.extensions(state.parked["charge"], real_now, PARIS)
    assert (entry.key, to) == (Due.RECOVERY, BLOCKED.due_at + days * DAY)


@pytest.mark.parametrize(
    "other",
    [
        replace(BLOCKED, protects="customer"),
        replace(BLOCKED, protects="law"),
        replace(BLOCKED, blocked_by="payment"),
    ],
    ids=["customer", "law", "another step"],
)
def test_no_other_deadline_moves(state: SubscriptionState, parking: Parking, other: Entry) -> None:
    parking.park("charge", {}, "ProviderUnreachable", NOON)
    state.agenda.put(other)
    assert list(parking.extensions(state.parked["charge"], NOON + 9 * DAY, PARIS)) == []


@pytest.mark.parametrize(
    ("due_at", "to"),
    [
        (datetime.fromisoformat("2026-03-28T12:00:00+01:00"), "2026-03-29T12:00:00+02:00"),
        (datetime.fromisoformat("2026-10-24T12:00:00+02:00"), "2026-10-25T12:00:00+01:00"),
    ],
    ids=["spring", "autumn"],
)
def test_the_wall_time_stays_across_both_clock_changes(
    live: bool, state: SubscriptionState, parking: Parking, due_at: datetime, to: str
) -> None:
    state.now = NOON
    parking.park("charge", {}, "ProviderUnreachable", NOON)
    state.agenda.put(replace(BLOCKED, due_at=due_at))
    state.now = NOON + TICK
    ((_, moved),) = parking.extensions(state.parked["charge"], NOON + TICK, PARIS)
    assert moved == datetime.fromisoformat(to)


def test_equal_causes_of_a_step_have_one_fingerprint(state: SubscriptionState, parking: Parking) -> None:
    parking.park("charge", {"amount": "1"}, "ProviderUnreachable", NOON)
    first = state.parked["charge"]
    parking.park("charge", {"amount": "2"}, "ProviderUnreachable", NOON + DAY)
    parking.park("refund", {"amount": "2"}, "ProviderUnreachable", NOON + DAY)
    assert state.parked["charge"].fingerprint == first.fingerprint != state.parked["refund"].fingerprint
    assert state.parked["charge"].request == {"amount": "2"}


@pytest.mark.parametrize(
    ("held", "stood_for", "days"),
    [
        (False, timedelta(minutes=5), None),
        (False, timedelta(minutes=5) + TICK, 1),
        (True, timedelta(minutes=1), 1),
        (True, 2 * DAY, 2),
    ],
)
def test_an_emergency_stop_moves_what_it_blocked_unless_it_was_short(
    live: bool, state: SubscriptionState, parking: Parking, held: bool, stood_for: timedelta, days: int | None
) -> None:
    """A short one moves only what came due in it."""
    state.now = NOON
    parking.halt("charge", Stop.CHARGES, NOON)
    state.agenda.put(replace(BLOCKED, held=held))
    real_now = NOON + stood_for if live else NOON + 99 * DAY
    state.now = NOON + 99 * DAY if live else NOON + stood_for
    moved = [(entry.key, to) for entry, to in parking.extensions(state.halted["charge"], real_now, PARIS)]
    assert moved == ([] if days is None else [(Due.RECOVERY, BLOCKED.due_at + days * DAY)])
