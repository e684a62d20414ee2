"""What took effect late, since a step was parked: what the customer hears is true when it leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from activities.contracts.payments import PaymentOutcome
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.projections import SubscriptionProjection
from jalon.domain.statuses import SubscriptionStatus
from jalon.persistence.entities.projections import subscription_of
from tests.support.shop import PARIS
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.engine.agenda import Due
from workflows.engine.commands import Refused
from workflows.subscription.commands import ChangePaymentMethod, ResumeRenewal, StopRenewal
from workflows.subscription.workflow import SubscriptionStart

TICK = timedelta(microseconds=1)
RENEWS = datetime(2027, 3, 26, 23, tzinfo=UTC)
"""Midnight of 27 March 2027 in Paris."""


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """A subscription whose first renewal is asking for its charge."""
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    course.say(begin_of("drafting", "drafting-suite", "P1Y"), OPENED)
    course.meet(OPENED + timedelta(days=366))
    assert course.life.asked is not None
    assert course.state.term_start == RENEWS
    return course


@pytest.mark.rule("X3")
@pytest.mark.parametrize("state", ["declined", "action_required"])
def test_a_method_that_was_replaced_before_its_answer_fails_unheard(course: Course, state: str) -> None:
    course.say(ChangePaymentMethod("card_new"), RENEWS)
    course.pay(PaymentOutcome(state, RENEWS, "pay_1"))
    if state == "action_required":
        course.pay(PaymentOutcome("withdrawn", RENEWS, "pay_1"))
    assert course.life.asked is not None
    assert course.life.asked.method == "card_new"
    course.pay(PaymentOutcome("succeeded", RENEWS, "pay_2"))
    assert course.state.paid
    heard = [name for name in course.mails if name.startswith("payment")]
    assert heard == []
    assert course.mails["renewed/1"] == 1


def test_a_method_that_replaced_another_has_its_whole_time_to_be_settled(course: Course) -> None:
    course.say(ChangePaymentMethod("card_new"), RENEWS)
    course.pay(PaymentOutcome("declined", RENEWS, "pay_1"))
    late = RENEWS + timedelta(days=2)
    course.state.now = late
    course.pay(PaymentOutcome("declined", late, "pay_2"))
    assert course.mails["payment-failed/1/2"] == 1
    assert course.state.first_failure_at == late


@pytest.mark.rule("D17", "X4")
def test_data_is_kept_for_its_whole_time_where_the_end_came_too_late_for_a_warning(course: Course) -> None:
    ends = RENEWS + timedelta(days=366)
    course.say(StopRenewal("project over"), ends - timedelta(days=6))
    late = ends + timedelta(days=60)
    course.meet(late)
    course.state.now = late
    course.pay(PaymentOutcome("succeeded", late, "pay_1"))
    assert course.state.status is SubscriptionStatus.DATA_RETAINED
    assert course.state.ended_at == course.state.term_end
    assert course.state.retained_until > late + timedelta(days=13)
    course.meet(course.state.retained_until - timedelta(microseconds=1))
    assert course.ended is None
    warned = [name for name in course.mails if name.startswith("purge-warning")]
    assert warned[-1] == f"purge-warning/{course.state.retained_until.isoformat()}"
    course.meet(course.state.retained_until)
    assert course.ended == SubscriptionStatus.PURGED


def test_data_that_goes_with_the_term_is_not_said_to_be_kept(course: Course) -> None:
    ends = RENEWS + timedelta(days=366)
    course.say(StopRenewal("project over"), RENEWS)
    course.meet(ends + timedelta(days=60))
    course.pay(PaymentOutcome("succeeded", ends, "pay_1"))
    assert course.state.retained_until == course.state.ended_at


@pytest.mark.rule("D17", "X4")
@pytest.mark.parametrize("days_before_end", [1, 200], ids=["after its end", "with its term"])
@pytest.mark.parametrize("away", [timedelta(days=1), timedelta(days=60)], ids=["a day", "two months"])
def test_data_whose_warning_left_late_goes_no_sooner_than_the_warning_promises(
    monkeypatch: pytest.MonkeyPatch, days_before_end: int, away: timedelta
) -> None:
    """No worker runs from the moment before the warning; the store warns a week ahead."""
    monkeypatch.setattr("temporalio.workflow.now", lambda: OPENED)
    course = Course(SubscriptionStart("drafting", "sub_1", True, OPENED), monkeypatch)
    course.go_on()
    course.say(begin_of("drafting", "drafting-suite", "P1Y"), OPENED)
    course.say(StopRenewal("project over"), RENEWS - timedelta(days=days_before_end, hours=1))
    if days_before_end == 1:
        course.meet(RENEWS)
    warn_at = course.state.agenda.find(Due.PURGE_WARNING).due_at
    back = warn_at + away
    monkeypatch.setattr("temporalio.workflow.now", lambda: back)
    course.meet(back)
    monkeypatch.setattr("temporalio.workflow.now", lambda: max(back, RENEWS))
    course.meet(max(back, RENEWS))
    until = course.state.retained_until
    assert timedelta(days=7) < until - back < timedelta(days=8)
    monkeypatch.setattr("temporalio.workflow.now", lambda: until)
    course.meet(until - timedelta(microseconds=1))
    kept = course.ended
    course.meet(until)
    assert (kept, course.ended) == (None, SubscriptionStatus.PURGED)
    assert [count for name, count in course.mails.items() if name.startswith("purge-warning")] == [1]


def shown(course: Course) -> SubscriptionProjection:
    """The subscription as people read it."""
    return subscription_of(course.life.as_view())


@pytest.mark.rule("D15", "G8")
@pytest.mark.parametrize("terms", [1, 2], ids=["the next term", "the term after it"])
def test_while_a_parked_charge_outlasts_its_term_the_switch_is_that_of_the_term_that_should_run(
    course: Course, terms: int
) -> None:
    begun, over = (datetime(2027 + terms + number, 3, 27, tzinfo=PARIS) for number in (0, 1))
    course.meet(begun - TICK)
    assert shown(course).usable_until == begun
    course.meet(begun)
    assert (course.life.asked is not None, course.state.term) == (True, 1)
    cutoff = over - timedelta(days=1)  # A day of the calendar in Paris.
    now = shown(course)
    assert (now.stop_by, now.next_renewal_at, now.usable_until) == (cutoff, over, over)
    assert ("stop_cutoff", "awaited", cutoff) in [
        (each.label, each.state, each.at or each.until) for each in SUBSCRIPTION.milestones(now)
    ]
    stopped = course.say(StopRenewal("project over"), cutoff - TICK)
    assert (shown(course).next_renewal_at, shown(course).usable_until) == (None, over)
    resumed = course.say(ResumeRenewal(), cutoff - TICK)
    assert isinstance(stopped, dict)
    assert isinstance(resumed, dict)
    assert (stopped["term_end"], resumed["renews_at"]) == (over, over)
    assert isinstance(course.say(StopRenewal("project over"), cutoff), Refused)
    assert shown(course).stop_by == cutoff


def test_once_the_parked_charge_is_made_the_terms_that_should_have_run_begin(course: Course) -> None:
    second = datetime(2029, 3, 27, tzinfo=PARIS)
    course.meet(second)
    for number in (1, 2):
        course.pay(PaymentOutcome("succeeded", second, f"pay_{number}"))
        course.meet(second)
    now = shown(course)
    assert (course.state.term, now.stop_by) == (3, datetime(2030, 3, 26, tzinfo=PARIS))
    assert [each.what for each in now.agenda if each.what == Due.NEXT_SWITCH] == []
