"""An e-mail about a renewal with fewer seats is withdrawn once it is no longer true (X21, X25)."""

from __future__ import annotations

from typing import Any

import pytest

from jalon.domain import emails
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_fewer_seats import (
    LEFT,
    TICK,
    announced,
    course_with_fewer,
    renewed,
    stopped,
)
from tests.workflows.subscription.test_unsent_mail import stands
from workflows.subscription.commands import AssignSeat, KeepSeats, RevokeSeat


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """A renewal with 2 seats that was announced; i_3 and i_4, who have seats 3 and 2, lose theirs as it stands."""
    course = course_with_fewer(monkeypatch)
    announced(course)
    return course


def to_admin(course: Course, seats: int = LEFT, renews_at: Any = None) -> bool:
    """Whether the admin may still be told of so many seats from then on, by default from the next term on."""
    renews_at = renews_at or course.state.term_end
    fields = {"seats": seats, "renews_at": renews_at.isoformat()}
    return stands(course, emails.FewerSeats, fields=fields)


def to_user(course: Course, party: str, outcome: str) -> bool:
    return stands(course, emails.SeatAtRenewal, party, fields={"outcome": outcome})


@pytest.mark.rule("X21", "X25")
def test_the_admin_is_told_only_of_the_seats_and_the_term_that_are_to_come(course: Course) -> None:
    end = course.state.term_end
    assert (to_admin(course), to_admin(course, LEFT + 1), to_admin(course, renews_at=end - TICK)) == (
        True,
        False,
        False,
    )
    for number in (2, 3):
        course.say(RevokeSeat(number), course.state.now)
    assert not to_admin(course)


@pytest.mark.rule("X21", "X25")
def test_a_user_is_told_only_what_is_so(course: Course) -> None:
    (warning,) = [each for each in course.state.agenda.entries if each.what == "seat_loss_warning"]
    course.meet(warning.due_at)
    assert [to_user(course, "i_4", outcome) for outcome in ("goes", "stays", "gone")] == [True, False, False]
    course.say(KeepSeats((2,)), course.state.now)
    assert [to_user(course, "i_4", outcome) for outcome in ("goes", "stays", "gone")] == [False, True, False]
    stopped(course)
    assert not to_user(course, "i_4", "stays")


@pytest.mark.rule("X21", "X25")
def test_who_lost_a_seat_is_told_so_unless_they_have_one_again(course: Course) -> None:
    renewed(course)
    assert [to_user(course, "i_4", outcome) for outcome in ("goes", "stays", "gone")] == [False, False, True]
    course.say(RevokeSeat(5), course.state.now)
    assert course.say(AssignSeat("i_4"), course.state.now) == {"seat": 1, "state": "assigned"}
    assert not to_user(course, "i_4", "gone")
