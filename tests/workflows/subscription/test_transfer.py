"""The transfer of the administration without Temporal: to the microsecond, and what each person still may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from activities.contracts.mail import MailOutcome, MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain.error_codes import ErrorCode
from jalon.domain.projections import SubscriptionProjection
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.engine.commands import Refused
from workflows.engine.state import known
from workflows.subscription.commands import (
    AcceptTransfer,
    AssignSeat,
    CallOffTransfer,
    StopRenewal,
    TransferAdmin,
)
from workflows.subscription.state import SubscriptionState
from workflows.subscription.workflow import SubscriptionStart

TICK = timedelta(microseconds=1)


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """An active subscription with a user, who has seat 1."""
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    begin = begin_of("drafting", "drafting-suite", "P1Y")
    course.say(replace(begin, line=replace(begin.line, seats=3)), OPENED)
    course.say(AssignSeat("i_user", 1), OPENED)
    return course


def code_of(outcome: Any) -> ErrorCode:
    assert isinstance(outcome, Refused)
    (violation,) = outcome.violations
    return ErrorCode(violation.code)


def until(course: Course) -> datetime:
    due: datetime = known(course.state.transfer).accept_by
    return due


def said_by(course: Course, actor: str, at: datetime) -> Any:
    """The outcome of a stop that somebody asks for in person."""
    command = StopRenewal("why")
    message = ReceivedCommand("req_9", 9, command.name, at, command.as_body(), actor, "buyer")
    try:
        course.life.outcome_of(message).send(None)
    except StopIteration as told:
        return told.value
    raise AssertionError("the handler waited")


@pytest.mark.rule("H12", "X11")
def test_a_listed_user_takes_over_at_once_and_the_former_admin_loses_their_seat(course: Course) -> None:
    buyer = course.state.buyer
    course.say(AssignSeat("i_own", 2), OPENED)
    course.state.seats[2].party = buyer
    done = course.say(TransferAdmin("i_user", 1), OPENED)
    assert done == {"subscription": "sub_1", "transfer": 1, "transferred": True}
    assert (course.state.admin, course.state.buyer) == ("i_user", buyer)
    assert (course.state.seats[1].state, course.state.seats[2].state) == ("assigned", "free")
    assert course.mails["admin-transferred/1"] == course.mails["admin-passed-on/1"] == 1
    assert course.facts["admin-passed-on/1"]["had_seat"] is True


@pytest.mark.rule("X11", "G3")
@pytest.mark.parametrize(
    ("off", "accepted"), [(-TICK, True), (timedelta(0), False), (TICK, False)], ids=["-1", "at", "+1"]
)
def test_the_receipt_of_an_acceptance_decides_at_its_boundary(
    course: Course, off: timedelta, *, accepted: bool
) -> None:
    buyer = course.state.admin
    course.say(TransferAdmin("new"), OPENED)
    due = until(course)
    assert (due - OPENED).days == 14
    course.meet(due - TICK)
    outcome = course.say(AcceptTransfer(1), due + off)
    assert isinstance(outcome, dict) == accepted
    assert course.state.admin == ("new" if accepted else buyer)
    course.meet(due + TICK)
    assert course.mails["admin-transfer-lapsed/1"] == (0 if accepted else 1)
    assert course.state.transfer is None


@pytest.mark.rule("X11")
def test_one_is_pending_at_a_time_and_the_admin_keeps_all_rights_until_then(course: Course) -> None:
    buyer = course.state.admin
    course.say(TransferAdmin("new"), OPENED)
    assert code_of(course.say(TransferAdmin("other"), OPENED)) is ErrorCode.TRANSFER_PENDING
    assert code_of(course.say(TransferAdmin("i_user", 1), OPENED)) is ErrorCode.TRANSFER_PENDING
    assert isinstance(said_by(course, buyer, OPENED), dict)
    course.say(CallOffTransfer(1), OPENED)
    for late in (AcceptTransfer(1), CallOffTransfer(1)):
        assert code_of(course.say(late, OPENED)) is ErrorCode.TRANSFER_OVER
    assert course.state.agenda.find("admin_transfer") is None
    assert course.say(TransferAdmin("other"), OPENED) == {
        "subscription": "sub_1",
        "transfer": 2,
        "transferred": False,
    }
    assert code_of(course.say(AcceptTransfer(1), OPENED)) is ErrorCode.TRANSFER_OVER


@pytest.mark.rule("H12", "G3")
def test_what_a_former_admin_asked_for_meanwhile_is_refused(course: Course) -> None:
    buyer = course.state.admin
    course.say(TransferAdmin("new"), OPENED)
    course.say(AcceptTransfer(1), OPENED + TICK)
    assert course.say(AcceptTransfer(1), OPENED + 2 * TICK) == {
        "subscription": "sub_1",
        "transfer": 1,
        "transferred": True,
    }
    assert code_of(said_by(course, buyer, OPENED + 2 * TICK)) is ErrorCode.NOT_THE_ADMIN
    assert isinstance(said_by(course, "new", OPENED + 2 * TICK), dict)


@pytest.mark.rule("P11")
def test_nobody_takes_over_who_is_the_admin_already_or_has_no_seat(course: Course) -> None:
    assert code_of(course.say(TransferAdmin(course.state.admin), OPENED)) is ErrorCode.ALREADY_ADMIN
    for party, seat in (("i_user", 2), ("new", 1), ("", 3)):
        assert code_of(course.say(TransferAdmin(party, seat), OPENED)) is ErrorCode.USER_NOT_LISTED
    course.say(AssignSeat("stranger", 2), OPENED)
    assert code_of(course.say(TransferAdmin("stranger", 2), OPENED)) is ErrorCode.USER_NOT_LISTED


@pytest.mark.rule("X11")
def test_an_e_mail_that_comes_back_ends_the_transfer_and_the_admin_hears_of_it(course: Course) -> None:
    course.say(TransferAdmin("new"), OPENED)
    hooks = course.life.steps.hooks_of(course.life)
    request = MailRequest(
        "drafting", "sub_1", "admin-transfer/1", "admin_transfer_pending", {}, "new", OPENED, live=False, link_subject="1"
    )  # fmt: skip
    assert hooks.stands(request)
    hooks.accepted(request, MailOutcome(OPENED, "550"))
    assert course.mails["admin-transfer-lapsed/1"] == 1
    assert not hooks.stands(request)
    hooks.accepted(request, MailOutcome(OPENED, "550"))
    assert course.mails["admin-transfer-lapsed/1"] == 1


@pytest.mark.rule("P10")
def test_a_pending_transfer_ends_with_its_subscription(course: Course) -> None:
    course.say(StopRenewal("over"), OPENED)
    ends = known(course.state.term_end)
    asked = ends - timedelta(days=2)
    course.meet(asked)
    course.say(TransferAdmin("new"), asked)
    course.meet(ends)
    assert (course.state.transfer, course.state.agenda.find("admin_transfer")) == (None, None)
    assert code_of(course.say(AcceptTransfer(1), ends)) is ErrorCode.TRANSFER_OVER
    assert code_of(course.say(TransferAdmin("other"), ends)) is ErrorCode.NOT_ACTIVE


def test_what_an_earlier_release_wrote_has_the_buyer_as_its_admin(course: Course) -> None:
    kinds: tuple[tuple[type, Any], ...] = (
        (SubscriptionState, course.state),
        (SubscriptionProjection, course.life.as_view()),
    )
    for kind, held in kinds:
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        old = adapter.dump_python(held, mode="json") if kind is SubscriptionState else dict(held)
        for name in ("admin", "admin_since", "transfer"):
            del old[name]
        read: Any = adapter.validate_python(old)
        assert read.admin == course.state.buyer
