"""Notices of a renewal that a mail server takes or refuses, without Temporal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from activities.contracts.mail import MailOutcome
from jalon.domain.calendar.deadlines import reminder_before
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import RenewalNotice
from jalon.domain.terms import NoticeByLaw
from tests.workflows.subscription.held import Course
from workflows.engine.commands import Refused

DAY, WEEK = timedelta(days=1), Duration.parse("P7D")
LAW = NoticeByLaw("P3M", "P1M", "P2M", "a law")
MONTH = Duration.parse(LAW.latest)
WAITS, CHARGES = ("lifecycle", "mechanical-designer"), ("drafting", "drafting-suite")
"""A store in which a company's charge waits for its notice, and one in which it does not."""

Begins = Callable[..., Course]


def settles(course: Course, at: datetime | None = None, refusal: str | None = None, number: int = -1) -> None:
    """A mail server takes a notice, by default the last one and now, or refuses it."""
    notice = course.state.notices[number]
    request = SimpleNamespace(
        template=RenewalNotice.template, occurrence=notice.occurrence, party=notice.party
    )
    outcome = MailOutcome(at or course.state.now, refusal, f"<{notice.occurrence}@example.com>")
    course.life.steps.sent[RenewalNotice.template](course.life, cast(Any, request), outcome)
    course.go_on()


def look_at(course: Course) -> datetime:
    """When support is to see that a notice is missing."""
    return reminder_before(course.state.stop_by, WEEK, course.life.terms_of_store().calendar)


def is_charged(course: Course) -> bool:
    """Whether a payment is under way."""
    return course.life.asked is not None


def is_refused(course: Course, code: str, outcome: Any) -> bool:
    assert isinstance(outcome, Refused)
    return outcome.violations[0].code == code
