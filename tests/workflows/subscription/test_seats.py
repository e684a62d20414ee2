"""Seats without Temporal: every assignment of a seat sends its e-mails anew."""

from __future__ import annotations

import pytest

from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.subscription.commands import AssignSeat, RevokeSeat
from workflows.subscription.workflow import SubscriptionStart


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """An active subscription with seats."""
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    course.say(begin_of("drafting", "drafting-suite", "P1Y"), OPENED)
    return course


def test_a_person_who_is_added_again_hears_of_it_again(course: Course) -> None:
    for _ in range(2):
        course.say(AssignSeat("i_1", 1), OPENED)
        course.say(RevokeSeat(1), OPENED)
    assert [name for name in course.mails if "user-added" in name] == [
        "seat-1/user-added/1",
        "seat-1/user-added/2",
    ]
