"""Whom a subscription waits for, as people read it, at every turn of a renewal that is not paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from activities.contracts.payments import PaymentOutcome
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.shared_steps.payments import PaymentReported
from workflows.subscription.workflow import SubscriptionStart


def waits(course: Course) -> tuple[str, str]:
    """The standing and what is waited for, as in the projection."""
    view = course.life.as_view()
    return view["standing"], view["waiting_for"]


@pytest.mark.rule("X3")
def test_a_past_due_subscription_whose_payment_was_just_reported_waits_for_the_payment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    course.say(begin_of("drafting", "drafting-suite", "P1Y"), OPENED)
    renewed = OPENED + timedelta(days=366)
    course.meet(renewed)
    course.pay(PaymentOutcome("action_required", renewed, "ref_1", None, "https://bank"))
    assert waits(course) == ("past_due", "buyer_payment_method")
    course.say(PaymentReported(), renewed)
    assert waits(course) == ("past_due", "payment")
    course.pay(PaymentOutcome("succeeded", renewed, "ref_1"))
    assert waits(course) == ("active", "term_end")
