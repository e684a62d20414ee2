"""What happens beside the course while a step waits for PostgreSQL: the step goes on with what is so then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from activities.contracts.mail import MailOutcome, MailRequest
from activities.contracts.screening import PersonScreened
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.screened import (
    CLEAR,
    code_of,
    decide,
    held,
    mailed,
    screened_course,
    states,
)
from tests.workflows.subscription.test_subscription_machine import OPENED
from workflows.engine.commands import Command
from workflows.subscription.commands import (
    AcceptInvitation,
    AcceptTransfer,
    AssignSeat,
    ReinviteSeat,
    TransferAdmin,
)


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """An active subscription with three seats, whose order was screened."""
    return screened_course(monkeypatch)


def switched(course: Course) -> Callable[[], None]:
    """Names a new admin, who accepts; returns what makes the switch, which takes the former admin's own seat."""
    course.say(TransferAdmin("n_heir"), OPENED)
    course.say(AcceptTransfer(1), OPENED)
    return lambda: course.screened(course.state.screenings, PersonScreened(CLEAR, True))


@pytest.mark.rule("X19", "H12")
def test_a_held_seat_that_a_switch_takes_while_it_is_released_stays_free(course: Course) -> None:
    held(course, "pty_1", 1)
    switch = switched(course)
    assert decide(course, "release", 1, "vera")["decisions"] == 1
    course.life.meanwhile = switch
    assert decide(course, "release", 1, "victor")["decisions"] == 2
    assert (course.state.admin, states(course)) == ("n_heir", [])
    assert mailed(course, "seat-1") == ["seat-1/user-held/1"]


@pytest.mark.rule("H12", "T3")
@pytest.mark.parametrize(
    ("said", "code"), [(AcceptInvitation(1, 1), "invitation_expired"), (ReinviteSeat(1), "not_invited")]
)
def test_an_invitation_that_a_switch_ends_meanwhile_is_neither_accepted_nor_sent_again(
    course: Course, said: Command, code: str
) -> None:
    course.say(AssignSeat("pty_1", 1), OPENED)
    course.screened(1, PersonScreened(CLEAR, False))
    course.life.meanwhile = switched(course)
    assert code_of(course.say(said, OPENED)) == code
    assert (course.state.admin, states(course)) == ("n_heir", [])
    assert mailed(course, "seat-1") == ["seat-1/invitation-1"]


@pytest.mark.rule("X11")
@pytest.mark.parametrize("screened", [True, False])
def test_a_transfer_whose_e_mail_comes_back_meanwhile_is_not_accepted(course: Course, screened: bool) -> None:
    if not screened:
        course.state.export = None
    course.say(TransferAdmin("n_heir"), OPENED)
    request = MailRequest(
        "drafting", "sub_1", "admin-transfer/1", "admin_transfer_pending", {}, "n_heir", OPENED, live=False, link_subject="1"
    )  # fmt: skip
    hooks = course.life.steps.hooks_of(course.life)
    course.life.meanwhile = lambda: hooks.accepted(request, MailOutcome(OPENED, "550"))
    assert code_of(course.say(AcceptTransfer(1), OPENED)) == "transfer_over"
    assert (course.state.admin, course.state.transfer) == (course.state.buyer, None)
    assert course.mails["admin-transfer-lapsed/1"] == 1
