"""Users of a screened subscription without Temporal: screened before they have a seat, held, released or refused (X19)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from activities.contracts.screening import PersonScreened
from jalon.domain.emails import UserHeld
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.screened import (
    CLEAR,
    MATCH,
    TICK,
    code_of,
    decide,
    held,
    mailed,
    released,
    screened_course,
    states,
)
from tests.workflows.subscription.test_subscription_machine import OPENED
from tests.workflows.subscription.test_unsent_mail import stands
from workflows.engine.commands import Command, Later
from workflows.engine.effects import Skipped
from workflows.engine.state import known
from workflows.engine.step import person_step
from workflows.subscription.commands import (
    AssignSeat,
    ReassignSeat,
    ReinviteSeat,
    RevokeSeat,
    TransferAdmin,
)


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """An active subscription with three seats, whose order was screened."""
    return screened_course(monkeypatch)


@pytest.mark.rule("X19", "T1")
@pytest.mark.parametrize(("has_identity", "state"), [(True, "assigned"), (False, "invited")])
def test_a_person_whom_no_list_names_has_the_seat_once_screened(
    course: Course, has_identity: bool, state: str
) -> None:
    assert isinstance(course.say(AssignSeat("n_1"), OPENED), Later)
    request, _ = course.life.aside.asked[person_step(1)]
    assert (request.party, request.countries, request.at) == ("n_1", ("FR",), OPENED)
    assert (states(course), mailed(course, "seat-1")) == ([(1, "held", "n_1")], [])
    course.screened(1, PersonScreened(CLEAR, has_identity))
    assert states(course) == [(1, state, "n_1")]
    assert course.answers()["req_2"] == {"seat": 1, "state": state}
    assert course.life.as_view()["seats"][0]["held_since"] is None


@pytest.mark.rule("X19")
def test_where_the_order_was_not_screened_nobody_is(course: Course) -> None:
    course.state.export = None
    assert course.say(AssignSeat("n_1"), OPENED) == {"seat": 1, "state": "invited"}
    assert course.say(ReassignSeat("i_2", 1), OPENED) == {"seat": 1, "state": "assigned"}
    assert (course.life.aside.asked, course.state.screenings) == ({}, 0)


@pytest.mark.rule("X19", "X7")
def test_a_seat_is_reserved_from_the_moment_that_its_person_is_named(course: Course) -> None:
    course.say(AssignSeat("n_1", 1), OPENED)
    for on_hold in (False, True):
        if on_hold:
            course.screened(1, PersonScreened(MATCH, False))
        assert code_of(course.say(AssignSeat("n_1", 2), OPENED)) == "already_assigned"
        assert code_of(course.say(AssignSeat("n_2", 1), OPENED)) == "no_free_seat"
        assert code_of(course.say(ReinviteSeat(1), OPENED)) == "not_invited"
        assert code_of(course.say(TransferAdmin("n_1", 1), OPENED)) == "user_not_listed"


@pytest.mark.rule("X19", "T6")
@pytest.mark.parametrize("found", [PersonScreened(MATCH, True), Skipped({"reference": "by hand"})])
def test_a_match_and_a_skipped_screening_hold_until_two_people_release(
    course: Course, found: PersonScreened | Skipped
) -> None:
    course.say(AssignSeat("i_1"), OPENED)
    course.screened(1, found)
    assert course.answers()["req_2"] == {"seat": 1, "state": "held"}
    assert mailed(course, "seat-1") == ["seat-1/user-held/1"]
    view = course.life.as_view()
    (hold,) = view["holds"]
    assert (hold["party"], hold["seat"], hold["turn"]) == ("i_1", 1, 1)
    assert view["seats"][0]["held_since"] == hold["opened_at"]
    assert decide(course, "release", 1, "vera")["decisions"] == 1
    assert code_of(decide(course, "release", 1, "Vera")) == "same_reviewer"
    assert states(course) == [(1, "held", "i_1")]
    assert decide(course, "release", 1, "victor")["decisions"] == 2
    assert states(course) == [(1, "assigned", "i_1")]
    assert (course.life.as_view()["holds"], course.state.agenda.find("hold_max/1")) == ([], None)
    assert code_of(decide(course, "release", 1, "viola")) == "hold_closed"


@pytest.mark.rule("X19", "X21")
def test_word_of_a_held_user_stays_out_once_nobody_is_held(course: Course) -> None:
    held(course, "n_1")
    assert stands(course, UserHeld, fields={"seat": 1}, about="n_1")
    assert not stands(course, UserHeld, fields={"seat": 1}, about="n_2")
    released(course, 1)
    assert not stands(course, UserHeld, fields={"seat": 1}, about="n_1")


@pytest.mark.rule("X19", "T1")
def test_a_released_person_without_an_identity_is_invited_then(course: Course) -> None:
    held(course, "n_1")
    assert mailed(course, "invitation") == []
    released(course, 1)
    assert (states(course), mailed(course, "invitation")) == (
        [(1, "invited", "n_1")],
        ["seat-1/invitation-1"],
    )


@pytest.mark.rule("X19", "T6")
def test_a_rejected_person_has_no_seat_and_the_admin_hears_of_it(course: Course) -> None:
    held(course, "n_1")
    decide(course, "reject", 1, "vera")
    assert (states(course), mailed(course, "refused")) == ([], ["seat-1/user-refused/1"])
    held(course, "n_1")
    decide(course, "reject", 2, "vera")
    assert mailed(course, "refused") == ["seat-1/user-refused/1", "seat-1/user-refused/2"]
    assert mailed(course, "invitation") == []


@pytest.mark.rule("X19", "T6", "G1")
def test_a_hold_that_nobody_releases_frees_the_seat_when_it_is_over(course: Course) -> None:
    held(course, "n_1", 1)
    course.state.now += timedelta(hours=30)
    held(course, "n_2", 2)
    first, second = (known(course.state.agenda.find(f"hold_max/{turn}")) for turn in (1, 2))
    assert (first.subject, second.subject, first.due_at < second.due_at) == ("1", "2", True)
    course.meet(first.due_at - TICK)
    assert [number for number, *_ in states(course)] == [1, 2]
    course.meet(first.due_at)
    assert [number for number, *_ in states(course)] == [2]
    course.meet(second.due_at)
    assert (states(course), len(mailed(course, "user-refused"))) == ([], 2)


@pytest.mark.rule("X19", "H22")
@pytest.mark.parametrize("on_hold", [False, True])
def test_the_admin_takes_a_seat_back_from_somebody_who_is_being_checked(
    course: Course, on_hold: bool
) -> None:
    course.say(AssignSeat("n_1"), OPENED)
    if on_hold:
        course.screened(1, PersonScreened(MATCH, False))
    assert course.say(RevokeSeat(1), OPENED) == {"seat": 1, "state": "free"}
    assert course.answers()["req_2"] == {"seat": 1, "state": "held" if on_hold else "free"}
    assert (states(course), course.life.aside.asked) == ([], {})
    assert course.state.agenda.find("hold_max/1") is None
    assert code_of(decide(course, "release", 1, "vera")) == "hold_closed"
    assert (mailed(course, "refused"), mailed(course, "invitation")) == ([], [])


@pytest.mark.rule("X19")
def test_what_is_found_of_somebody_who_lost_the_seat_meanwhile_changes_nothing(course: Course) -> None:
    course.say(AssignSeat("n_1", 1), OPENED)
    _, done = course.life.aside.asked[person_step(1)]
    course.say(ReassignSeat("n_2", 1), OPENED)
    done(PersonScreened(MATCH, False))
    assert (states(course), course.life.as_view()["holds"]) == ([(1, "held", "n_2")], [])
    course.screened(2, PersonScreened(CLEAR, False))
    assert states(course) == [(1, "invited", "n_2")]


@pytest.mark.rule("X19")
def test_whoever_asked_hears_once_of_a_screening_that_waits_for_an_operator(course: Course) -> None:
    course.say(AssignSeat("n_1"), OPENED)
    course.life.aside.parked[person_step(1)]()
    assert course.answers()["req_2"] == {"seat": 1, "state": "held"}
    assert mailed(course, "user-held") == []
    course.screened(1, PersonScreened(CLEAR, False))
    assert (states(course), "req_2" in course.answers()) == ([(1, "invited", "n_1")], False)


@pytest.mark.rule("X19", "H22")
def test_a_seat_that_goes_to_a_matched_person_leaves_its_former_user_at_once(course: Course) -> None:
    course.say(AssignSeat("i_1", 1), OPENED)
    course.screened(1, PersonScreened(CLEAR, True))
    assert isinstance(course.say(ReassignSeat("i_2", 1), OPENED), Later)
    assert states(course) == [(1, "held", "i_2")]
    course.screened(2, PersonScreened(MATCH, True))
    assert (course.answers()["req_3"], states(course)) == (
        {"seat": 1, "state": "held"},
        [(1, "held", "i_2")],
    )


def test_a_screened_command_is_asked_for_like_any_other(course: Course) -> None:
    commands: tuple[Command, ...] = (AssignSeat("n_1", 7), RevokeSeat(7), ReassignSeat("n_1", 7))
    assert [code_of(course.say(each, OPENED)) for each in commands] == [
        "no_free_seat",
        "unknown_seat",
        "unknown_seat",
    ]
    assert course.life.aside.asked == {}
