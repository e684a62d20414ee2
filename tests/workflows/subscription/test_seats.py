"""Seats without Temporal: every assignment of a seat sends its e-mails anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from activities.contracts.policy import RenewalAnswer
from jalon.domain.terms import SEATS_AT_MOST
from tests.workflows.subscription.held import Course, Held, as_json
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.engine.commands import Refused
from workflows.subscription.commands import AssignSeat, ReassignSeat, ReinviteSeat, RevokeSeat
from workflows.subscription.workflow import SubscriptionStart

BYTES_OF_A_RUN = 1_000_000
"""Half of what Temporal takes as the start of a run."""


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """An active subscription with seats."""
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    course.say(begin_of("drafting", "drafting-suite", "P1Y"), OPENED)
    return course


@pytest.mark.rule("H21")
def test_a_person_who_is_added_again_hears_of_it_again(course: Course) -> None:
    for _ in range(2):
        course.say(AssignSeat("i_1", 1), OPENED)
        course.say(RevokeSeat(1), OPENED)
    assert [name for name in course.mails if "user-added" in name] == [
        "seat-1/user-added/1",
        "seat-1/user-added/2",
    ]


@pytest.mark.parametrize(("late", "refused"), [(-1, False), (0, True), (1, True)])
def test_an_invitation_is_sent_again_until_its_hours_are_over(
    course: Course, late: int, refused: bool
) -> None:
    course.say(AssignSeat("n_1", 1), OPENED)
    until = OPENED + timedelta(hours=72)
    course.state.seats[1].open_until = until
    outcome = course.say(ReinviteSeat(1), until + timedelta(microseconds=late))
    assert isinstance(outcome, Refused) is refused
    if not refused:
        assert (course.state.seats[1].invitation, course.state.seats[1].open_until) == (2, None)
        assert "seat-1/invitation-2" in course.mails


def test_whoever_has_an_identity_by_now_has_the_seat_at_once(course: Course) -> None:
    course.say(AssignSeat("n_1", 1), OPENED)
    course.state.seats[1].party = "i_1"
    assert course.say(ReinviteSeat(1), OPENED) == {"seat": 1, "state": "assigned"}
    assert course.say(ReassignSeat("n_2", 1), OPENED) == {"seat": 1, "state": "invited"}
    assert isinstance(course.say(ReassignSeat("n_2", 1), OPENED), Refused)


def test_at_the_ceiling_of_seats_a_subscription_still_changes_and_renews(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    begin = begin_of("drafting", "drafting-suite", "P1Y")
    course.say(replace(begin, line=replace(begin.line, seats=SEATS_AT_MOST)), OPENED)
    assert (course.life.as_view()["seats"], course.state.seats) == ([], {})
    for number in range(1, SEATS_AT_MOST + 1):
        assert course.say(AssignSeat(f"n_{number}", None), OPENED) == {"seat": number, "state": "invited"}
    refused = course.say(AssignSeat("n_late", None), OPENED)
    assert isinstance(refused, Refused)
    assert refused.violations[0].code == "no_free_seat"
    assert course.say(RevokeSeat(7), OPENED) == {"seat": 7, "state": "free"}
    assert course.say(AssignSeat("n_late", None), OPENED) == {"seat": 7, "state": "invited"}
    course.meet(OPENED + timedelta(days=366))
    assert course.state.term == 1
    assert len(course.life.as_view()["seats"]) == SEATS_AT_MOST
    start = SubscriptionStart("drafting", "sub_1", False, OPENED, state=course.state)
    assert len(as_json(start)) < BYTES_OF_A_RUN


@pytest.mark.parametrize(("sold", "held"), [(3, 3), (2, 2), (1, 1), (20_000, SEATS_AT_MOST)])
def test_a_renewal_gives_the_seats_of_its_terms(
    course: Course, monkeypatch: pytest.MonkeyPatch, sold: int, held: int
) -> None:
    answer_of = Held.local

    async def renewed(life: Held, ref: Any, request: Any) -> Any:
        answer = await answer_of(life, ref, request)
        if isinstance(answer, RenewalAnswer):
            return replace(answer, line=replace(answer.line, seats=sold))
        return answer

    monkeypatch.setattr(Held, "local", renewed)
    assert course.state.seat_count == 2
    course.meet(OPENED + timedelta(days=366))
    assert (course.state.term, course.state.seat_count) == (1, held)


@pytest.mark.rule("D3")
def test_a_person_has_one_seat_whether_assigned_or_invited(course: Course) -> None:
    for person in ("i_1", "n_1"):
        course.say(AssignSeat(person, 1), OPENED)
        outcome = course.say(AssignSeat(person, 2), OPENED)
        assert isinstance(outcome, Refused)
        assert [violation.code for violation in outcome.violations] == ["already_assigned"]
        course.say(RevokeSeat(1), OPENED)
        assert isinstance(course.say(AssignSeat(person, 2), OPENED), dict)
        course.say(RevokeSeat(2), OPENED)
