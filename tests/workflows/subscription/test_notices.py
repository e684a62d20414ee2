"""Renewals whose notice reached nobody, without Temporal: support's task, the open switch, and the charge that waits (X16, C1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from activities.contracts.payments import PaymentOutcome
from jalon.domain.calendar.deadlines import closes_at, reminder_before
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import Email, RenewalNotice, SubscriptionEnded
from jalon.domain.projections import ChargeWait, WaitingFor
from tests.workflows.subscription.held import Held
from tests.workflows.subscription.notices import (
    CHARGES,
    DAY,
    MONTH,
    WAITS,
    WEEK,
    Begins,
    is_charged,
    look_at,
    settles,
)
from tests.workflows.subscription.test_subscription_machine import TICK
from workflows.engine.commands import Refused
from workflows.subscription.commands import (
    AnnounceRenewal,
    ReportNotice,
    ResumeRenewal,
    StopRenewal,
    TellRenewal,
)


@pytest.mark.rule("X16")
@pytest.mark.parametrize("failure", ["refused", "came back", "never taken"])
def test_support_has_the_task_exactly_then_whatever_became_of_the_notice(
    begins: Begins, failure: str
) -> None:
    course = begins(WAITS)
    due = look_at(course)
    course.meet(due - 20 * DAY)
    if failure == "refused":
        settles(course, refusal="550")
    elif failure == "came back":
        settles(course)
        course.say(ReportNotice(course.state.notices[-1].message_id, "5.1.1"), course.state.now)
    course.meet(due - TICK)
    assert course.state.notice_missing_since is None
    course.meet(due)
    assert course.life.as_view()["notice_missing_since"] is not None
    assert course.state.notice_missing_since == due
    settles(course, due + TICK)
    assert course.life.as_view()["notice_missing_since"] is None


@pytest.mark.rule("X16")
def test_a_notice_that_was_taken_makes_no_task_and_one_that_comes_back_later_does_at_once(
    begins: Begins,
) -> None:
    course = begins(WAITS)
    cutoff, due = course.state.stop_by, look_at(course)
    course.meet(due - DAY)
    settles(course, number=0)
    course.meet(due)
    settles(course, refusal="550")
    assert course.state.notice_missing_since is None
    course.meet(cutoff)
    assert course.state.renewal_committed_at == cutoff
    course.say(ReportNotice(course.state.notices[0].message_id, "5.1.1"), cutoff + TICK)
    assert course.state.notice_missing_since == cutoff + TICK
    assert (course.state.renewal_committed_at, course.state.stop_by) == (None, course.state.term_end)


@pytest.mark.rule("X16", "D15")
@pytest.mark.parametrize("sold", [WAITS, CHARGES], ids=["waits", "charges"])
def test_the_lock_does_not_fall_where_nobody_was_told(begins: Begins, sold: tuple[str, str]) -> None:
    for after in (-TICK, timedelta(0), TICK):
        course = begins(sold)
        cutoff, ends = course.state.stop_by, course.state.term_end
        course.meet(cutoff + after)
        assert course.state.renewal_committed_at is None
        assert not isinstance(course.say(StopRenewal("no"), cutoff + after), Refused)
        assert not isinstance(course.say(ResumeRenewal(), cutoff + after), Refused)
        course.meet(ends - TICK)
        assert not isinstance(course.say(StopRenewal("no"), ends - TICK), Refused)
        course.meet(ends)
        assert (course.state.status, course.state.ended_at) == ("data_retained", ends)


@pytest.mark.rule("X16", "C1")
@pytest.mark.parametrize(
    ("sold", "consumer", "waits"),
    [(WAITS, False, True), (CHARGES, False, False), (CHARGES, True, True)],
    ids=["company, waits", "company, charges", "consumer, always waits"],
)
def test_without_notice_the_term_begins_and_the_charge_waits_or_is_made(
    begins: Begins, sold: tuple[str, str], *, consumer: bool, waits: bool
) -> None:
    course = begins(sold, consumer=consumer)
    ends = course.state.term_end
    course.meet(ends - TICK)
    assert (course.state.term, is_charged(course)) == (0, False)
    course.meet(ends)
    assert (course.state.status, course.state.term, is_charged(course)) == ("active", 1, not waits)
    view = course.life.as_view()
    if not waits:
        assert (view["charge_waits_for"], view["notice_missing_since"]) == (None, None)
        return
    assert course.state.charge_waits_for == ChargeWait(what="renewal_notice", since=ends)
    assert (view["standing"], view["waiting_for"]) == ("charge_waits", WaitingFor.RENEWAL_NOTICE)
    assert course.state.notice_missing_since is not None
    last = course.state.term_end
    course.meet(last)
    assert not is_charged(course)
    assert (course.state.ended_at, course.state.charge_waits_for) == (last, None)


@pytest.mark.rule("X16", "C1")
@pytest.mark.parametrize(("consumer", "lead"), [(False, WEEK), (True, MONTH)], ids=["company", "consumer"])
@pytest.mark.parametrize("way", ["taken", "letter"])
def test_a_late_notice_leaves_its_time_to_refuse_and_then_the_term_is_charged_once(
    begins: Begins, way: str, lead: Duration, *, consumer: bool
) -> None:
    for after in (-TICK, timedelta(0), TICK):
        course = begins(WAITS, consumer=consumer)
        began = course.state.term_end
        course.meet(began)
        told = began + 3 * DAY
        if way == "letter":
            assert not isinstance(course.say(TellRenewal("letter", "sent by post"), told), Refused)
        else:
            assert not isinstance(course.say(AnnounceRenewal(), told), Refused)
            settles(course)
        until = closes_at(told, lead, course.life.terms_of_store().calendar)
        assert course.state.charge_waits_for == ChargeWait(what="renewal_notice", since=began, until=until)
        assert course.state.notice_missing_since is None
        course.meet(until + after)
        if after < timedelta(0):
            assert not is_charged(course)
            assert not isinstance(course.say(StopRenewal("too dear"), until + after), Refused)
            assert (course.state.status, course.state.ended_at) == ("data_retained", until + after)
            continue
        assert (is_charged(course), course.state.charge_waits_for) == (True, None)
        course.pay(PaymentOutcome("succeeded", course.state.now, "ref_1"))
        assert (course.state.paid, course.state.notices, is_charged(course)) == (True, [], False)
        assert sum(name.startswith("renewed/") for name in course.mails) == 1


@pytest.mark.rule("X16", "G3")
def test_a_refusal_counts_by_its_receipt_and_what_came_too_late_stops_the_next_renewal(
    begins: Begins,
) -> None:
    """The charge waits two minutes longer, for what came in time and is heard later."""
    for late in (timedelta(0), TICK):
        course = begins(WAITS)
        course.meet(course.state.term_end)
        course.say(AnnounceRenewal(), course.state.now + DAY)
        settles(course)
        until = course.state.charge_waits_for.until
        answer = course.say(StopRenewal("too dear"), until + late)
        assert isinstance(answer, dict)
        assert answer["term_end"] == course.state.term_end
        assert (course.state.status, course.state.stop_requested_at) == ("active", until + late)
        if late:
            assert not isinstance(course.say(StopRenewal("too dear"), until - TICK), Refused)
            assert (course.state.status, course.state.ended_at) == ("data_retained", until - TICK)
            assert not is_charged(course)
            continue
        course.meet(until)
        assert is_charged(course)


@pytest.mark.rule("X16")
def test_a_late_notice_that_comes_back_in_its_time_proves_nothing(begins: Begins) -> None:
    course = begins(WAITS)
    course.meet(course.state.term_end)
    began = course.state.now
    course.say(AnnounceRenewal(), began + DAY)
    settles(course)
    until = course.state.charge_waits_for.until
    course.say(ReportNotice(course.state.notices[-1].message_id, "5.1.1"), until - TICK)
    assert course.state.charge_waits_for == ChargeWait(what="renewal_notice", since=began)
    assert course.state.notice_missing_since == until - TICK
    course.meet(until)
    assert not is_charged(course)


@pytest.mark.rule("X16", "D15")
def test_a_notice_taken_after_the_cutoff_leaves_its_time_also_past_the_start_of_the_term(
    begins: Begins,
) -> None:
    course = begins(WAITS)
    cutoff, ends = course.state.stop_by, course.state.term_end
    course.meet(cutoff)
    settles(course, cutoff + DAY)
    until = closes_at(cutoff + DAY, WEEK, course.life.terms_of_store().calendar)
    assert (course.state.stop_by, ends < until) == (until, True)
    course.meet(ends)
    assert course.state.charge_waits_for == ChargeWait(what="renewal_notice", since=ends, until=until)
    course.meet(until)
    assert is_charged(course)


@pytest.mark.rule("X16")
def test_what_is_refused_before_its_charge_ends_at_once_and_says_that_nothing_was_taken(
    begins: Begins, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Email] = []

    def mail(_: Held, email: Email, *names: str, **about: str) -> None:
        told.append(email)

    monkeypatch.setattr(Held, "mail", mail)
    course = begins(WAITS)
    course.meet(course.state.term_end)
    began = course.state.now
    course.say(StopRenewal("no"), began + DAY)
    assert (course.state.status, course.state.ended_at) == ("data_retained", began + DAY)
    ended = told[-1]
    assert isinstance(ended, SubscriptionEnded)
    assert (ended.free_since, ended.unpaid) == (began, False)
    assert ended.receipt == f"req_{course.receipts}"
    notices = [each for each in told if isinstance(each, RenewalNotice)]
    left = notices[-1].as_of(began + DAY, "Europe/Paris")
    assert left.renewed
    assert left.stop_by == closes_at(began + DAY, WEEK, course.life.terms_of_store().calendar)


@pytest.mark.rule("X16", "D14")
def test_the_next_renewal_is_announced_after_one_that_waited_through_its_notices(begins: Begins) -> None:
    course = begins(WAITS)
    course.meet(course.state.term_end)
    course.meet(look_at(course))
    assert all("renewal-notice/1/" in each.occurrence for each in course.state.notices[-2:])
    settles(course)
    course.meet(course.state.charge_waits_for.until)
    course.pay(PaymentOutcome("succeeded", course.state.now, "ref_1"))
    assert [each.occurrence for each in course.state.notices] == ["renewal-notice/1/next"]


@pytest.mark.rule("X16", "D15")
def test_the_lock_does_not_fall_while_the_charge_of_the_running_term_waits(begins: Begins) -> None:
    course = begins(WAITS)
    course.meet(course.state.term_end)
    settles(course, refusal="550")
    course.meet(course.state.stop_by + TICK)
    assert course.state.charge_waits_for is not None
    assert course.state.renewal_committed_at is None
    settles(course)
    course.meet(course.state.stop_by + TICK)
    assert course.state.renewal_committed_at is None


@pytest.mark.rule("X16", "X13")
@pytest.mark.parametrize("sold", [("lifecycle", "collaborator"), ("geomatics", "correction-service")])
def test_a_term_of_a_month_has_its_own_day_for_the_task(begins: Begins, sold: tuple[str, str]) -> None:
    course = begins(sold, term="P1M")
    due = reminder_before(course.state.stop_by, Duration.parse("P3D"), course.life.terms_of_store().calendar)
    course.meet(due - TICK)
    settles(course, refusal="550")
    assert course.state.notice_missing_since is None
    course.meet(due)
    assert course.state.notice_missing_since == due
