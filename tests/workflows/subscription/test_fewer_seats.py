"""A renewal with fewer seats without Temporal: who stays, who hears of it, and when (X25)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from activities.contracts.mail import MailOutcome
from activities.contracts.payments import PaymentOutcome
from activities.contracts.policy import RenewalAnswer, RenewalQuestion
from jalon.domain.emails import RenewalNotice
from jalon.domain.statuses import SubscriptionStatus
from jalon.policy.decisions.freezing import bound_by
from tests.workflows.subscription.held import Course, Held
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.engine.commands import Refused
from workflows.engine.step import Outcome
from workflows.subscription.commands import (
    AssignSeat,
    KeepSeats,
    ReassignSeat,
    ResumeRenewal,
    RevokeSeat,
    StopRenewal,
    TransferAdmin,
)
from workflows.subscription.workflow import SubscriptionStart

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
SOLD, LEFT = 5, 2


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    return course_with_fewer(monkeypatch)


def course_with_fewer(monkeypatch: pytest.MonkeyPatch) -> Course:
    """An active subscription of 5 seats, assigned to i_1 to i_4, the earliest first; the store sells 2 seats by now.

    drafting: the renewal can be stopped until the day before the last; the last day is the day before the term's end.
    """
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    begin = begin_of("drafting", "drafting-suite", "P1Y")
    course.say(replace(begin, line=replace(begin.line, seats=SOLD)), OPENED)
    sells(monkeypatch, LEFT)
    for number in range(1, 5):
        course.say(AssignSeat(f"i_{number}", SOLD + 1 - number), OPENED + number * DAY)
    return course


def sells(monkeypatch: pytest.MonkeyPatch, seats: int) -> None:
    """From now on the store sells so many seats."""
    answer_of = Held.local

    async def local(life: Held, ref: Any, request: Any) -> Any:
        if not isinstance(request, RenewalQuestion):
            return await answer_of(life, ref, request)
        now = replace(request.line, seats=seats)
        bound = now if request.bound is None else bound_by(request.bound, now)
        return RenewalAnswer(bound, life.terms_of_store(), now)

    monkeypatch.setattr(Held, "local", local)


def announced(course: Course, before: timedelta = 30 * DAY) -> None:
    """A mail server takes the notice that announces the next term, so long before the cutoff."""
    at = course.state.stop_by - before
    course.meet(at)
    course.state.now = at
    notice = next(each for each in reversed(course.state.notices) if each.is_under_way)
    request = SimpleNamespace(
        template=RenewalNotice.template, occurrence=notice.occurrence, party=notice.party
    )
    taken = course.life.steps.sent[RenewalNotice.template]
    taken(course.life, cast(Any, request), MailOutcome(at))


def holders(course: Course) -> set[str]:
    return {seat.party for seat in course.state.held}


def renewed(course: Course) -> None:
    """The next term starts and is paid."""
    course.meet(course.state.term_end)
    course.pay(PaymentOutcome("succeeded", course.state.now, "ref_1"))


def code_of(outcome: Outcome) -> str | None:
    return str(outcome.violations[0].code) if isinstance(outcome, Refused) else None


def mails(course: Course, part: str) -> list[str]:
    return [name for name in course.mails if part in name]


@pytest.mark.rule("X25")
def test_without_a_choice_the_latest_assigned_lose_their_seats_at_the_start_of_the_term(
    course: Course,
) -> None:
    announced(course)
    assert course.life.as_view()["fewer_seats"]["leaving"] == [2, 3]
    assert mails(course, "fewer-seats") == ["fewer-seats/1"]
    course.meet(course.state.term_end - TICK)
    assert holders(course) == {"i_1", "i_2", "i_3", "i_4"}
    renewed(course)
    assert (holders(course), course.state.seat_count) == ({"i_1", "i_2"}, LEFT)
    assert course.life.as_view()["fewer_seats"] is None


@pytest.mark.rule("X25", "G3")
@pytest.mark.parametrize(
    ("late", "code"), [(-TICK, None), (0 * TICK, "seat_choice_closed"), (TICK, "seat_choice_closed")]
)
def test_the_admin_names_who_stays_until_the_cutoff(
    course: Course, late: timedelta, code: str | None
) -> None:
    announced(course)
    assert code_of(course.say(KeepSeats((2, 3)), course.state.stop_by + late)) == code
    renewed(course)
    assert holders(course) == ({"i_3", "i_4"} if code is None else {"i_1", "i_2"})


@pytest.mark.rule("X25", "G3")
@pytest.mark.parametrize(("late", "code"), [(-TICK, None), (0 * TICK, "seat_choice_closed")])
def test_a_cutoff_that_a_late_notice_moved_leaves_the_choice_until_the_term_starts(
    course: Course, late: timedelta, code: str | None
) -> None:
    announced(course)
    starts = course.state.term_end
    course.state.stop_by = starts + 20 * DAY
    assert course.life.as_view()["fewer_seats"]["choose_by"] == starts.isoformat().replace("+00:00", "Z")
    course.state.now = starts + late
    assert code_of(course.say(KeepSeats((2, 3)), starts + late)) == code


@pytest.mark.rule("X25")
def test_the_last_choice_counts_and_what_it_leaves_goes_to_the_earliest_assigned(course: Course) -> None:
    announced(course)
    for seats in ((5, 4), (2,)):
        for _ in range(2):
            assert course.say(KeepSeats(seats), course.state.now) == {"subscription": "sub_1"}
    view = course.life.as_view()["fewer_seats"]
    assert (view["staying"], view["leaving"]) == ([2], [3, 4])
    renewed(course)
    assert holders(course) == {"i_1", "i_4"}


@pytest.mark.rule("X25")
@pytest.mark.parametrize(
    ("seats", "code"),
    [((2, 3, 4), "too_many_seats_kept"), ((1,), "seat_not_given"), ((6,), "seat_not_given")],
)
def test_only_given_seats_are_named_and_no_more_than_there_will_be(
    course: Course, seats: tuple[int, ...], code: str
) -> None:
    announced(course)
    assert code_of(course.say(KeepSeats(seats), course.state.now)) == code


@pytest.mark.rule("X25")
def test_there_is_nothing_to_choose_where_nobody_loses_a_seat(course: Course) -> None:
    assert code_of(course.say(KeepSeats((2,)), course.state.now)) == "no_fewer_seats"
    announced(course)
    course.say(StopRenewal("over"), course.state.now)
    assert code_of(course.say(KeepSeats((2,)), course.state.now)) == "no_fewer_seats"
    course.say(ResumeRenewal(), course.state.now)
    assert code_of(course.say(KeepSeats((2,)), course.state.now)) is None
    for number in (2, 3):
        course.say(RevokeSeat(number), course.state.now)
    assert code_of(course.say(KeepSeats((4,)), course.state.now)) == "no_fewer_seats"


@pytest.mark.rule("X25")
def test_users_are_told_seven_days_before_and_again_when_it_changes(course: Course) -> None:
    announced(course)
    # 09:00 of the last day less 7.
    (warning,) = [each for each in course.state.agenda.entries if each.what == "seat_loss_warning"]
    assert (course.state.term_end - warning.due_at, warning.due_at.hour) == (
        7 * DAY + 15 * timedelta(hours=1),
        8,
    )
    course.meet(warning.due_at - TICK)
    assert mails(course, "at-renewal") == []
    course.meet(warning.due_at)
    assert mails(course, "at-renewal") == ["seat-2/at-renewal-1", "seat-3/at-renewal-1"]
    assert mails(course, "fewer-seats") == ["fewer-seats/1", "fewer-seats/2"]
    course.say(KeepSeats((2,)), course.state.now)
    assert mails(course, "at-renewal")[2:] == ["seat-2/at-renewal-2", "seat-4/at-renewal-1"]
    course.say(RevokeSeat(5), course.state.now)
    assert mails(course, "at-renewal")[4:] == ["seat-4/at-renewal-2"]
    renewed(course)
    assert mails(course, "at-renewal")[5:] == ["seat-3/at-renewal-2"]


@pytest.mark.rule("X25")
def test_the_admin_is_told_again_whenever_a_notice_announces_another_number(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced(course, 60 * DAY)
    for before, seats in ((30 * DAY, 3), (7 * DAY, 2)):
        sells(monkeypatch, seats)
        announced(course, before)
    assert mails(course, "fewer-seats") == ["fewer-seats/1", "fewer-seats/2", "fewer-seats/3"]


@pytest.mark.rule("X25")
def test_whoever_is_added_meanwhile_is_the_latest(course: Course) -> None:
    announced(course)
    course.meet(course.state.term_end - DAY)
    assert course.say(AssignSeat("i_9"), course.state.now) == {"seat": 1, "state": "assigned"}
    assert mails(course, "at-renewal")[2:] == ["seat-1/at-renewal-1"]
    course.say(ReassignSeat("i_8", 5), course.state.now)
    renewed(course)
    assert holders(course) == {"i_2", "i_3"}


@pytest.mark.rule("X25", "X7")
def test_an_invited_person_goes_before_everybody_who_was_assigned(course: Course) -> None:
    course.say(AssignSeat("n_1", 1), course.state.now)
    announced(course)
    course.state.seats[1].state, course.state.seats[1].party = "invited", "n_1"
    for number in (2, 3):
        course.say(RevokeSeat(number), course.state.now)
    assert course.life.as_view()["fewer_seats"]["leaving"] == [1]


def declined(course: Course) -> None:
    course.meet(course.state.term_end)
    course.pay(PaymentOutcome("declined", course.state.now, "ref_1", "card_declined"))


def stopped(course: Course) -> None:
    course.say(StopRenewal("over"), course.state.stop_by - TICK)


def passed_on(course: Course) -> None:
    course.say(TransferAdmin("i_4", 2), course.state.now)


def announced_otherwise(course: Course) -> None:
    for notice in course.state.notices:
        notice.terms = replace(notice.terms, seats=SOLD)


@pytest.mark.rule("X25", "D16")
@pytest.mark.parametrize("meanwhile", [stopped, passed_on, announced_otherwise])
def test_before_the_term_starts_everybody_stays(course: Course, meanwhile: Callable[[Course], None]) -> None:
    announced(course)
    meanwhile(course)
    course.meet(course.state.term_end - TICK)
    assert holders(course) == {"i_1", "i_2", "i_3", "i_4"}


@pytest.mark.rule("X25", "G8")
def test_a_declined_payment_takes_no_seat_beyond_those_that_the_term_has_not(course: Course) -> None:
    announced(course)
    declined(course)
    assert (course.state.status, holders(course)) == (SubscriptionStatus.ACTIVE, {"i_1", "i_2"})


@pytest.mark.rule("X25", "X15")
def test_terms_that_were_not_announced_take_seats_a_term_later(course: Course) -> None:
    renewed(course)
    assert (holders(course), course.state.seat_count) == ({"i_1", "i_2", "i_3", "i_4"}, SOLD)
    assert mails(course, "fewer-seats") == ["fewer-seats/1"]
    renewed(course)
    assert (holders(course), course.state.seat_count) == ({"i_1", "i_2"}, LEFT)


@pytest.mark.rule("X25")
def test_whoever_stays_keeps_the_number_and_free_seats_are_the_lowest_others(course: Course) -> None:
    announced(course)
    course.say(KeepSeats((5,)), course.state.now)
    course.say(RevokeSeat(4), course.state.now)
    course.say(RevokeSeat(3), course.state.now)
    course.say(AssignSeat("i_7", 4), course.state.now)
    renewed(course)
    assert ([*course.state.numbers], holders(course)) == ([2, 5], {"i_1", "i_4"})
    assert code_of(course.say(RevokeSeat(1), course.state.now)) == "unknown_seat"
    assert course.say(RevokeSeat(5), course.state.now) == {"seat": 5, "state": "free"}
    assert [*course.state.numbers] == [1, 2]
    assert course.say(AssignSeat("i_8"), course.state.now) == {"seat": 1, "state": "assigned"}


@pytest.mark.rule("X25")
def test_a_seat_records_when_it_was_assigned(course: Course) -> None:
    view = {seat["number"]: seat["assigned_at"] for seat in course.life.as_view()["seats"]}
    assert {number: datetime.fromisoformat(at) for number, at in view.items()} == {
        SOLD + 1 - number: OPENED + number * DAY for number in range(1, 5)
    }
    course.say(RevokeSeat(2), course.state.now)
    assert course.state.seats[2].assigned_at is None
