"""The notice that law gives a consumer before a renewal, without Temporal (C1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jalon.domain.calendar.deadlines import closes_at, reminder_before
from jalon.domain.calendar.durations import Duration
from jalon.domain.due import Due
from tests.workflows.subscription.notices import (
    CHARGES,
    DAY,
    LAW,
    MONTH,
    WAITS,
    Begins,
    is_refused,
    look_at,
    settles,
)
from tests.workflows.subscription.test_subscription_machine import OPENED
from workflows.engine.commands import Refused
from workflows.subscription.commands import (
    AnnounceRenewal,
    TellRenewal,
)


@pytest.mark.rule("C1", "D14")
def test_a_consumer_has_the_notice_of_the_law_and_a_later_one_moves_the_cutoff(begins: Begins) -> None:
    in_august = OPENED + 145 * DAY
    lawful = begins(WAITS, consumer=True, at=in_august)
    cutoff, calendar = lawful.state.stop_by, lawful.life.terms_of_store().calendar
    notices = [each.due_at for each in lawful.state.agenda.entries if each.what == Due.RENEWAL_NOTICE]
    assert notices[0] == reminder_before(cutoff, Duration.parse("P2M"), calendar)
    assert len(notices) == 3
    lawful.meet(notices[0])
    settles(lawful)
    lawful.meet(cutoff)
    assert lawful.state.renewal_committed_at == cutoff
    late = begins(WAITS, consumer=True, at=in_august)
    late.meet(notices[1])
    settles(late)
    until = closes_at(notices[1], MONTH, calendar)
    assert cutoff < until == late.state.stop_by
    late.meet(cutoff)
    assert late.state.renewal_committed_at is None
    late.meet(until)
    assert late.state.renewal_committed_at == (until if until < late.state.term_end else None)
    short = begins(("lifecycle", "collaborator"), consumer=True, term="P1M")
    assert len([each for each in short.state.agenda.entries if each.what == Due.RENEWAL_NOTICE]) == 1


@pytest.mark.rule("X16", "C1")
def test_support_tells_only_where_a_notice_is_missing_and_in_writing_where_law_says_so(
    begins: Begins,
) -> None:
    course = begins(WAITS, consumer=True)
    for command in (AnnounceRenewal(), TellRenewal("letter")):
        assert is_refused(course, "nothing_to_announce", course.say(command, OPENED))
    course.meet(look_at(course))
    now = course.state.now
    assert is_refused(course, "notice_not_written", course.say(TellRenewal("telephone"), now))
    assert not isinstance(course.say(TellRenewal("letter"), now), Refused)
    assert is_refused(course, "nothing_to_announce", course.say(TellRenewal("letter"), now))
    company = begins(WAITS)
    company.meet(look_at(company))
    assert not isinstance(company.say(TellRenewal("telephone"), company.state.now), Refused)


@pytest.mark.rule("X16", "C1")
def test_before_the_time_that_law_gives_for_the_notice_nothing_is_told(begins: Begins) -> None:
    course = begins(CHARGES, consumer=True)
    course.state.notice_by_law = replace(LAW, earliest="P2M")
    course.meet(course.state.stop_by - 80 * DAY)
    settles(course, refusal="550")
    now = course.state.stop_by - 70 * DAY
    assert is_refused(course, "nothing_to_announce", course.say(TellRenewal("letter"), now))
    assert not isinstance(course.say(TellRenewal("letter"), now + 20 * DAY), Refused)
