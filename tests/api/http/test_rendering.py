"""The parts of an event that each role may see."""

from __future__ import annotations

import pytest

from api.http.rendering import STAFF, is_shown, public
from jalon.domain import events
from jalon.domain.events import EVENTS

OTHERS = ("storefront", "partner")


@pytest.mark.parametrize("role", OTHERS)
def test_why_an_order_is_held_or_a_step_stopped_is_for_staff_only(role: str) -> None:
    stopped = events.StepParked(step="payment", cause="Declined", fingerprint="f").data()
    assert public(stopped, role) == {"step": "payment"}
    assert public(events.ExportHoldOpened(reasons=("list_match",)).data(), role) == {}
    for staff in STAFF:
        assert public(stopped, staff) == stopped


def test_staff_alone_read_these_keys() -> None:
    kept = {kind.name: set(kind.staff_only()) for kind in EVENTS.values() if kind.staff_only()}
    assert kept == {
        "admin_transfer_held": {"reasons"},
        "seat_held": {"reasons"},
        "admin_transfer_requested": {"new_admin"},
        "admin_transferred": {"former_admin", "new_admin"},
        "export_hold_opened": {"reasons"},
        "order_rejected": {"reasons"},
        "renewal_notice_failed": {"code", "message_id"},
        "renewal_notice_taken": {"answer", "message_id", "server"},
        "step_parked": {"cause", "fingerprint"},
        "subscription_void": {"cause"},
    }


def test_an_event_that_is_not_public_is_shown_to_staff_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events.StepParked, "public", False)
    assert [is_shown("step_parked", role) for role in (*OTHERS, *STAFF)] == [False] * 2 + [True] * len(STAFF)


@pytest.mark.parametrize("role", OTHERS)
def test_the_events_that_are_not_public_are_few_and_one_of_an_earlier_version_is(role: str) -> None:
    hidden = {name for name in (*EVENTS, "no_longer_told") if not is_shown(name, role)}
    assert hidden == {"mandate_given_up"}
