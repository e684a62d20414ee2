"""Renewals without Temporal: what the last notice promised binds, and nothing is promised where nothing renews."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from activities.contracts.mail import MailOutcome
from activities.contracts.payments import PaymentOutcome
from activities.contracts.policy import RenewalAnswer, RenewalQuestion
from jalon.domain.due import Due
from jalon.domain.emails import Email, RenewalNotice, RenewalResumed
from jalon.domain.money import Money
from jalon.domain.terms import LineTerms
from jalon.policy.decisions.freezing import bound_by
from tests.workflows.subscription.held import Course, Held
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.engine.commands import Refused
from workflows.engine.state import known
from workflows.subscription.commands import ResumeRenewal, StopRenewal
from workflows.subscription.workflow import SubscriptionStart

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
ORDERED = 2290
"""The price of a unit when the subscription was ordered."""


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """An active subscription for a year, paid when it was ordered."""
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    course.say(begin_of("drafting", "drafting-suite", "P1Y"), OPENED)
    return course


def priced(line: LineTerms, price: int) -> LineTerms:
    """The line at another price a unit."""
    unit = Money(Decimal(price), line.price.currency)
    return replace(line, price=unit, amount=unit * line.quantity)


def sells_at(monkeypatch: pytest.MonkeyPatch, price: int) -> None:
    """From now on the store sells at this price a unit."""
    answer_of = Held.local

    async def local(life: Held, ref: Any, request: Any) -> Any:
        if not isinstance(request, RenewalQuestion):
            return await answer_of(life, ref, request)
        now = priced(request.line, price)
        bound = now if request.bound is None else bound_by(request.bound, now)
        return RenewalAnswer(bound, life.terms_of_store(), now)

    monkeypatch.setattr(Held, "local", local)


def a_server_takes_the_notice(course: Course, at: datetime, refusal: str | None = None) -> None:
    taken, notice = course.life.steps.sent[RenewalNotice.template], course.state.notices[-1]
    request = SimpleNamespace(
        template=RenewalNotice.template, occurrence=notice.occurrence, party=notice.party
    )
    taken(course.life, cast(Any, request), MailOutcome(at, refusal, "<notice@example.com>"))


def charged(course: Course) -> Money:
    """What the payment under way asks for; it is paid."""
    amount = known(course.life.asked).amount
    course.pay(PaymentOutcome("succeeded", course.state.now, "ref_1"))
    return amount


@pytest.mark.rule("X15")
@pytest.mark.parametrize(
    ("refusal", "late", "prices"),
    [(None, False, [2640, 3000]), (None, True, [ORDERED, 3000]), ("554", False, [ORDERED, 3000])],
    ids=["taken in time", "taken after the commitment", "refused"],
)
def test_what_the_last_notice_promised_is_charged_and_a_higher_price_from_the_term_after(
    course: Course, monkeypatch: pytest.MonkeyPatch, refusal: str | None, *, late: bool, prices: list[int]
) -> None:
    ends, cutoff = course.state.term_end, course.state.stop_by
    sells_at(monkeypatch, 2640)
    if late:
        sells_at(monkeypatch, ORDERED)
        course.meet(cutoff - 45 * DAY)
        a_server_takes_the_notice(course, course.state.now)
        sells_at(monkeypatch, 2640)
    course.meet(cutoff if late else cutoff - DAY)
    assert sum(name.startswith("renewal-notice/0/") for name in course.mails) == 3
    a_server_takes_the_notice(course, cutoff + DAY / 2 if late else cutoff - DAY, refusal)
    sells_at(monkeypatch, 3000)
    course.meet(ends)
    first = charged(course)
    course.meet(course.state.term_end)
    assert [first.amount / 2, charged(course).amount / 2] == prices


@pytest.mark.rule("X15", "X21", "D15")
def test_a_notice_that_leaves_too_late_names_the_price_that_binds(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Email] = []

    def mail(_: Held, email: Email, *names: str, **about: str) -> None:
        told.append(email)

    monkeypatch.setattr(Held, "mail", mail)
    cutoff = course.state.stop_by
    course.meet(cutoff - 45 * DAY)
    a_server_takes_the_notice(course, course.state.now)
    sells_at(monkeypatch, 2640)
    course.meet(cutoff - DAY)
    notice = told[-1]
    assert isinstance(notice, RenewalNotice)
    in_time, late = (notice.as_of(at, "Europe/Paris") for at in (cutoff - TICK, cutoff))
    assert [in_time.price.amount / 2, late.price.amount / 2] == [2640, ORDERED]


@pytest.mark.rule("X15", "D15")
def test_a_renewal_that_is_resumed_is_told_at_the_price_that_binds(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Email] = []

    def mail(_: Held, email: Email, *names: str, **about: str) -> None:
        told.append(email)

    monkeypatch.setattr(Held, "mail", mail)

    def resumed_at() -> Decimal:
        for command in (StopRenewal("too dear"), ResumeRenewal()):
            assert not isinstance(course.say(command, course.state.now), Refused)
        email = told[-1]
        assert isinstance(email, RenewalResumed)
        return email.price.amount / 2

    sells_at(monkeypatch, 2640)
    assert resumed_at() == ORDERED
    course.meet(course.state.stop_by - DAY)
    a_server_takes_the_notice(course, course.state.now)
    assert resumed_at() == 2640
    sells_at(monkeypatch, 3000)
    course.meet(course.state.term_end)
    assert charged(course).amount / 2 == 2640
    assert resumed_at() == 3000


@pytest.mark.rule("D14")
def test_a_subscription_that_does_not_renew_by_itself_names_no_renewal_and_resumes_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    begin = begin_of("drafting", "drafting-suite", "P1Y")
    ends = replace(begin.line, renewal=replace(begin.line.renewal, automatic=False))
    course.say(replace(begin, line=ends), OPENED)
    assert (course.state.status, course.life.as_view()["next_renewal_at"]) == ("active", None)
    refused = course.say(ResumeRenewal(), OPENED + DAY)
    assert isinstance(refused, Refused)
    assert refused.violations[0].code == "renewal_not_automatic"
    course.meet(course.state.term_end)
    assert not [name for name in course.mails if name.startswith("renew")]


@pytest.mark.rule("D14", "X3")
def test_a_subscription_that_ended_unpaid_names_no_renewal(course: Course) -> None:
    course.meet(course.state.term_end)
    course.pay(PaymentOutcome("declined", course.state.now, "ref_1", "card_declined"))
    assert course.life.as_view()["next_renewal_at"] is not None
    course.meet(course.state.agenda.find(Due.RECOVERY).due_at)
    view = course.life.as_view()
    assert (view["ended_at"] is not None, view["next_renewal_at"]) == (True, None)


@pytest.mark.rule("D15", "D16", "G1")
def test_a_switch_that_comes_too_late_is_told_when_by_the_clock_of_the_store(course: Course) -> None:
    then = {StopRenewal: "the switch opens again on", ResumeRenewal: "the subscription ends at"}
    for command in (StopRenewal("too dear"), ResumeRenewal()):
        if isinstance(command, ResumeRenewal):
            course.state.stop_requested_at = OPENED
        refused = course.say(command, course.state.stop_by)
        assert isinstance(refused, Refused)
        assert refused.violations[0].code == "renewal_committed"
        said = f"over since 2027-03-26 00:00 (Europe/Paris); {then[type(command)]} 2027-03-27 00:00 (Europe/Paris)."
        assert said in refused.violations[0].message


@pytest.mark.rule("P2")
def test_the_next_renewal_is_at_the_end_of_the_term_not_at_the_cutoff(course: Course) -> None:
    state = course.state
    assert state.stop_by < state.term_end
    assert datetime.fromisoformat(course.life.as_view()["next_renewal_at"]) == state.term_end
    course.say(StopRenewal("over"), state.stop_by - TICK)
    assert course.life.as_view()["next_renewal_at"] is None
