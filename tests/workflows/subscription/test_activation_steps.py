"""A subscription takes the activation steps that its product has, and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jalon.domain.error_codes import ErrorCode
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.engine.commands import Refused
from workflows.subscription.commands import TakeStep
from workflows.subscription.workflow import SubscriptionStart

SOLD = ("fastening", "anchor-design-premium", "P1Y")


@pytest.mark.rule("H1")
@pytest.mark.parametrize(
    ("steps", "other"),
    [
        (("open_contract", "sign"), "click_activate"),
        (("sign",), "click_activate"),
        (("open_contract", "click_activate"), "sign"),
        (("click_activate",), "sign"),
    ],
)
def test_a_step_that_the_product_lacks_is_refused_and_leaves_no_trace(
    steps: tuple[str, ...], other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = Course(SubscriptionStart(SOLD[0], "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    begin = begin_of(*SOLD)
    activation = replace(begin.line.activation, steps=steps, click_is_signature=False)
    course.say(replace(begin, line=replace(begin.line, activation=activation)), OPENED)
    evidence = "rec_2" if other == "sign" else None
    refused = course.say(TakeStep(other, "portal", evidence, course.state.document_sha256), OPENED)
    assert isinstance(refused, Refused)
    assert (refused.status, refused.violations[0].code) == (409, ErrorCode.STEP_NOT_NEEDED)
    assert ", ".join(steps) in refused.violations[0].message
    assert course.state.steps_done == {}
