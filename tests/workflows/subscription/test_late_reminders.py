"""Reminders without Temporal: after an outage of ours the latest that is still true goes out, and no other (X21)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.engine.agenda import Due
from workflows.subscription.workflow import SubscriptionStart


@pytest.mark.rule("X21", "P5")
@pytest.mark.parametrize(("away", "sent"), [(31, [0]), (61, [1]), (84, [2]), (91, [])], ids=str)
def test_of_the_reminders_that_came_due_meanwhile_the_latest_that_is_still_true_is_sent(
    monkeypatch: pytest.MonkeyPatch, away: int, sent: list[int]
) -> None:
    """The store reminds 30, 60, 83 and 89 days after the order, and its window closes after 90."""
    monkeypatch.setattr("temporalio.workflow.now", lambda: OPENED)
    course = Course(SubscriptionStart("fastening", "sub_1", True, OPENED), monkeypatch)
    course.go_on()
    course.say(begin_of("fastening", "anchor-design-premium", "P1Y"), OPENED)
    back = OPENED + timedelta(days=away)
    monkeypatch.setattr("temporalio.workflow.now", lambda: back)
    course.meet(back)
    reminders = [Due.ACTIVATION_REMINDER.numbered(number) for number in range(4)]
    assert [number for number, name in enumerate(reminders) if course.mails[name]] == sent
