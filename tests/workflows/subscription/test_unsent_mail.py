"""An e-mail that could not leave yet is withdrawn once it is no longer true (X21)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from activities.contracts.mail import MailRequest
from activities.contracts.payments import PaymentOutcome
from jalon.domain import emails
from jalon.domain.due import Due
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.engine.commands import Command, Refused
from workflows.engine.state import known
from workflows.messages import VoidLine
from workflows.shared_steps.holds import Hold
from workflows.shared_steps.payments import PaymentReported
from workflows.subscription.commands import (
    AssignSeat,
    CallOffTransfer,
    ResumeRenewal,
    RevokeSeat,
    StopRenewal,
    TakeStep,
    TransferAdmin,
)
from workflows.subscription.workflow import SubscriptionStart

PENDING, ACTIVE = ("fastening", "anchor-design-premium"), ("drafting", "drafting-suite")
STEPS = ("open_contract", "click_activate")
INVITED = AssignSeat("n_1", 1)
"""A person who has to set up an identity first."""
ADDED = AssignSeat("i_1", 1)


def course_of(sold: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Course:
    """A subscription of the store and product, as its order begins it."""
    course = Course(SubscriptionStart(sold[0], "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    course.say(begin_of(*sold, "P1Y"), OPENED)
    return course


def stands(
    course: Course,
    email: type[emails.Email],
    party: str = "pty_1",
    subject: str = "",
    fields: Mapping[str, Any] = MappingProxyType({}),
    about: str | None = None,
) -> bool:
    """Whether an unsent e-mail of this kind still may leave."""
    request = MailRequest(
        "a-store",
        "sub_1",
        "once",
        email.template,
        dict(fields),
        party,
        OPENED,
        live=False,
        link_subject=subject,
        about=about,
    )
    return course.life.steps.stand(course.life, request)


@pytest.mark.rule("X21")
@pytest.mark.parametrize(
    ("email", "sold", "before", "after"),
    [
        (emails.ContractReady, PENDING, None, VoidLine("order cancelled")),
        (emails.ActivationReminder, PENDING, None, VoidLine("order cancelled")),
        (emails.OrderDelayed, PENDING, None, VoidLine("order cancelled")),
        (emails.Invitation, ACTIVE, INVITED, RevokeSeat(1)),
        (emails.UserAdded, ACTIVE, ADDED, RevokeSeat(1)),
        (emails.RenewalNotice, ACTIVE, None, StopRenewal()),
        (emails.RenewalResumed, ACTIVE, None, StopRenewal()),
        (emails.RenewalStopped, ACTIVE, StopRenewal(), ResumeRenewal()),
    ],
)
def test_what_a_command_makes_untrue_stays_out(
    email: type[emails.Email],
    sold: tuple[str, str],
    before: Command | None,
    after: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = course_of(sold, monkeypatch)
    if before is not None:
        assert not isinstance(course.say(before, OPENED), Refused)
    party = before.party if isinstance(before, AssignSeat) else "pty_1"
    assert stands(course, email, party, "1.1")
    assert not isinstance(course.say(after, OPENED), Refused)
    assert not stands(course, email, party, "1.1")


@pytest.mark.rule("X21", "P5")
def test_a_reminder_of_the_activation_stays_out_once_every_step_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = course_of(PENDING, monkeypatch)
    for step in STEPS:
        assert not isinstance(course.say(TakeStep(step, "portal"), OPENED), Refused)
        assert stands(course, emails.ActivationReminder)
    course.say(TakeStep("sign", "portal", "rec_2", course.state.document_sha256), OPENED)
    assert not stands(course, emails.ActivationReminder)


@pytest.mark.rule("X21", "X3")
def test_a_demand_stays_out_once_it_is_paid_and_a_warning_once_the_data_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = course_of(ACTIVE, monkeypatch)
    renewed = OPENED + timedelta(days=366)
    course.meet(renewed)
    course.pay(PaymentOutcome("action_required", renewed, "ref_1", None, "https://bank"))
    demands = (emails.PaymentActionRequired, emails.PaymentFailed)
    assert [stands(course, demand) for demand in demands] == [True, True]
    course.say(PaymentReported(), renewed)
    course.pay(PaymentOutcome("succeeded", renewed, "ref_1"))
    assert [stands(course, demand) for demand in demands] == [False, False]
    assert not isinstance(course.say(StopRenewal(), renewed), Refused)
    assert stands(course, emails.PurgeWarning)
    course.meet(OPENED + timedelta(days=3 * 366))
    assert (course.ended, stands(course, emails.PurgeWarning)) == ("purged", False)


@pytest.mark.rule("X21", "D16")
def test_what_was_said_of_a_running_term_stays_out_once_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    course = course_of(ACTIVE, monkeypatch)
    assert stands(course, emails.SubscriptionActive)
    assert not isinstance(course.say(StopRenewal(), OPENED), Refused)
    told = (emails.SubscriptionActive, emails.RenewalStopped)
    assert [stands(course, email) for email in told] == [True, True]
    course.meet(known(course.state.term_end) - timedelta(microseconds=1))
    assert [stands(course, email) for email in told] == [True, True]
    course.meet(known(course.state.term_end))
    assert [stands(course, email) for email in told] == [False, False]


@pytest.mark.rule("X21", "D14")
def test_the_start_of_the_first_term_stays_out_once_the_second_has_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = course_of(ACTIVE, monkeypatch)
    course.meet(OPENED + timedelta(days=366))
    assert not stands(course, emails.SubscriptionActive)


@pytest.mark.rule("X21", "G7")
def test_a_moved_deadline_stays_out_once_it_is_met_or_moved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    course = course_of(PENDING, monkeypatch)
    (window,) = (each for each in course.state.agenda.entries if each.what == Due.ACTIVATION_WINDOW)

    def still_stands(new_by: datetime) -> bool:
        return stands(course, emails.DeadlineExtended, fields={"new_by": new_by.isoformat()})

    assert still_stands(window.due_at)
    assert not still_stands(window.due_at - timedelta(microseconds=1))
    assert not isinstance(course.say(VoidLine("order cancelled"), OPENED), Refused)
    assert not still_stands(window.due_at)


@pytest.mark.rule("X21", "X11")
def test_the_offer_of_the_administration_stays_out_once_it_is_called_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = course_of(ACTIVE, monkeypatch)
    course.say(TransferAdmin("n_1"), OPENED)
    asked = (emails.AdminTransferPending, "n_1", "1")
    assert stands(course, *asked)
    course.say(CallOffTransfer(1), OPENED)
    assert not stands(course, *asked)


@pytest.mark.rule("X21", "X19")
def test_word_of_a_held_transfer_stays_out_once_nothing_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    course = course_of(ACTIVE, monkeypatch)
    course.say(TransferAdmin("n_1"), OPENED)
    told = (emails.AdminTransferHeld, emails.TakeoverHeld)
    assert [stands(course, email) for email in told] == [False, False]
    course.state.transfer.hold = Hold.of(OPENED, (), 1)
    assert [stands(course, email) for email in told] == [True, True]
    course.say(CallOffTransfer(1), OPENED)
    assert [stands(course, email) for email in told] == [False, False]
