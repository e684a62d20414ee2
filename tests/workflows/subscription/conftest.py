"""Subscriptions without Temporal, as their tests begin them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.workflows.subscription.held import Course
from tests.workflows.subscription.notices import LAW, Begins
from tests.workflows.subscription.test_subscription_machine import OPENED, begin_of
from workflows.subscription.workflow import SubscriptionStart


@pytest.fixture
def begins(monkeypatch: pytest.MonkeyPatch) -> Begins:
    """Begins a subscription for a year, of a company or of a consumer to whom a law gives a notice."""

    def begin(
        sold: tuple[str, str], *, consumer: bool = False, term: str = "P1Y", at: datetime = OPENED
    ) -> Course:
        course = Course(SubscriptionStart(sold[0], "sub_1", False, OPENED), monkeypatch)
        course.go_on()
        law = LAW if consumer else None
        said = replace(begin_of(*sold, term), consumer=consumer, notice_by_law=law)
        course.say(said, at)
        return course

    return begin
