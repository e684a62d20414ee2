"""Held users beside what else happens to a subscription: other holds, a switch, a renewal, the end, the next run (X19)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from activities.contracts.screening import PersonScreened
from tests.workflows.subscription.held import Course, through_json
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
from tests.workflows.subscription.test_fewer_seats import announced, renewed, sells
from tests.workflows.subscription.test_subscription_machine import OPENED
from workflows.engine.state import known
from workflows.engine.step import person_step
from workflows.subscription.commands import (
    AcceptTransfer,
    AssignSeat,
    StopRenewal,
    TransferAdmin,
)
from workflows.subscription.workflow import SubscriptionStart


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """An active subscription with three seats, whose order was screened."""
    return screened_course(monkeypatch)


@pytest.mark.rule("X19", "T6")
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_each_hold_is_decided_on_by_its_number(course: Course, order: tuple[int, ...]) -> None:
    held(course, "n_1", 1)
    course.state.now += timedelta(hours=1)
    course.say(TransferAdmin("n_heir"), course.state.now)
    course.say(AcceptTransfer(1), course.state.now)
    course.screened(2, PersonScreened(MATCH, True))
    course.state.now += timedelta(hours=1)
    held(course, "n_2", 2)
    seen = {hold["turn"]: (hold["party"], hold["seat"]) for hold in course.life.as_view()["holds"]}
    assert list(seen.items()) == [(1, ("n_1", 1)), (2, ("n_heir", None)), (3, ("n_2", 2))]
    for turn in order:
        assert decide(course, "release", turn, "vera")["decisions"] == 1
        left = {hold["turn"]: hold["decisions"] for hold in course.life.as_view()["holds"]}
        assert [other for other, decisions in left.items() if decisions] == [turn]
        assert decide(course, "release", turn, "victor")["decisions"] == 2
        assert [other for other in left if other != turn] == [
            hold["turn"] for hold in course.life.as_view()["holds"]
        ]
    assert code_of(decide(course, "release", order[0], "viola")) == "hold_closed"
    assert (course.state.admin, states(course)) == ("n_heir", [(1, "invited", "n_1"), (2, "invited", "n_2")])


@pytest.mark.rule("X19", "T6")
def test_a_hold_keeps_its_decisions_though_one_of_a_lower_number_opens_later(course: Course) -> None:
    course.say(AssignSeat("n_1", 1), OPENED)
    held(course, "n_2", 2)
    assert decide(course, "release", 2, "vera")["decisions"] == 1
    assert code_of(decide(course, "release", 1, "vera")) == "hold_closed"
    course.screened(1, PersonScreened(MATCH, False))
    assert decide(course, "release", 2, "victor")["decisions"] == 2
    assert states(course) == [(1, "held", "n_1"), (2, "invited", "n_2")]


@pytest.mark.rule("X19", "H12")
def test_a_switch_of_the_admin_frees_their_own_held_seat_and_leaves_the_others(course: Course) -> None:
    held(course, "pty_1", 1)
    held(course, "n_2", 2)
    course.say(TransferAdmin("n_heir"), OPENED)
    course.say(AcceptTransfer(1), OPENED)
    course.screened(3, PersonScreened(CLEAR, True))
    assert (course.state.admin, states(course)) == ("n_heir", [(2, "held", "n_2")])
    assert course.state.agenda.find("hold_max/1") is None
    assert course.facts["admin-passed-on/1"]["had_seat"] is False
    released(course, 2)
    assert states(course) == [(2, "invited", "n_2")]


@pytest.mark.rule("X19", "X25")
def test_a_renewal_with_fewer_seats_takes_held_ones_like_invited_ones(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.say(AssignSeat("i_1", 2), OPENED)
    course.screened(1, PersonScreened(CLEAR, True))
    sells(monkeypatch, 1)
    announced(course, timedelta(days=10))
    held(course, "n_1", 1)
    assert course.life.as_view()["fewer_seats"]["leaving"] == [1]
    course.meet(known(course.state.term_end) - TICK)
    assert states(course) == [(1, "held", "n_1"), (2, "assigned", "i_1")]
    renewed(course)
    assert (states(course), course.state.on_hold) == ([(2, "assigned", "i_1")], [])
    assert mailed(course, "seat-1") == ["seat-1/user-held/2", "seat-1/user-refused/2"]


@pytest.mark.rule("X19", "X25")
def test_the_admin_hears_of_a_reserved_seat_that_goes_before_its_screening_is_done(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.say(AssignSeat("i_1", 2), OPENED)
    course.screened(1, PersonScreened(CLEAR, True))
    sells(monkeypatch, 1)
    announced(course, timedelta(days=10))
    course.meet(known(course.state.term_end) - TICK)
    course.say(AssignSeat("n_1", 1), course.state.now)
    renewed(course)
    assert (states(course), mailed(course, "seat-1")) == ([(2, "assigned", "i_1")], ["seat-1/user-refused/2"])


@pytest.mark.rule("X19", "D16")
@pytest.mark.parametrize("on_hold", [False, True])
def test_the_end_of_the_subscription_ends_every_screening_and_hold(course: Course, on_hold: bool) -> None:
    course.say(StopRenewal("over"), OPENED)
    course.meet(known(course.state.term_end) - TICK)
    course.say(AssignSeat("n_1"), course.state.now)
    if on_hold:
        course.screened(1, PersonScreened(MATCH, False))
    course.meet(known(course.state.term_end))
    assert (course.life.is_over(), states(course), course.state.on_hold) == (True, [], [])
    assert course.answers()["req_3"] == {"seat": 1, "state": "held" if on_hold else "free"}
    assert course.life.aside.asked.keys() & {person_step(1)} == set()
    course.meet(OPENED + timedelta(days=1200))
    assert course.ended == "purged"


@pytest.mark.rule("X19")
def test_the_next_run_screens_whom_the_last_one_left(course: Course) -> None:
    course.say(AssignSeat("n_1"), OPENED)
    held(course, "n_2")
    start = SubscriptionStart("drafting", "sub_1", False, OPENED, state=course.state)
    course._begin(through_json(start))
    course.go_on()
    assert set(course.life.aside.asked) == {person_step(1)}
    request, _ = course.life.aside.asked[person_step(1)]
    assert request.party == "n_1"
    course.screened(1, PersonScreened(CLEAR, False))
    assert states(course) == [(1, "invited", "n_1"), (2, "held", "n_2")]
