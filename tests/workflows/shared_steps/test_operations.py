"""Operators park steps ahead: so many, of those that an entity has, and each can be taken back."""

from __future__ import annotations

import pytest

from jalon.domain.error_codes import ErrorCode
from tests.workflows.order.test_order_machine import Orders
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_subscription_machine import OPENED
from workflows.engine.commands import Park, Refused, Resolve
from workflows.engine.step import Outcome
from workflows.shared_steps.operations import TO_PARK_AT_MOST
from workflows.subscription.workflow import SubscriptionStart


@pytest.fixture
def orders() -> Orders:
    """An order of which the buyer has opened the cart."""
    opened = Orders()
    opened.open()
    return opened


def park(orders: Orders, step: str) -> Outcome:
    return orders.say("park", {"step": step, "reason": "look first"})


def code_of(outcome: Outcome) -> str | None:
    return str(outcome.violations[0].code) if isinstance(outcome, Refused) else None


def test_so_many_steps_are_to_be_parked_and_none_more(orders: Orders) -> None:
    for number in range(TO_PARK_AT_MOST):
        assert code_of(park(orders, f"mail/nonsense-{number}")) is None
    assert code_of(park(orders, "payment")) == ErrorCode.TOO_MANY_TO_PARK
    assert code_of(park(orders, "mail/nonsense-0")) is None
    taken_back = orders.say("resolve", {"step": "mail/nonsense-0", "action": "retry", "reason": "a slip"})
    assert code_of(taken_back) is None
    assert code_of(park(orders, "payment")) is None
    assert "mail/nonsense-0" not in orders.order.state.park_requested


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"action": "retry", "edit": {"method": "card_ok"}}, ErrorCode.NOT_EDITABLE),
        ({"action": "skip", "evidence": {"note": "seen"}}, ErrorCode.NOT_PARKED),
        ({"action": "compensate"}, ErrorCode.NOT_PARKED),
    ],
)
def test_a_step_that_did_not_come_has_nothing_else_to_resolve(
    orders: Orders, body: dict[str, object], code: ErrorCode
) -> None:
    assert code_of(park(orders, "payment")) is None
    assert code_of(orders.say("resolve", {"step": "payment", "reason": "a slip"} | body)) == code
    assert set(orders.order.state.park_requested) == {"payment"}


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("person_screening/1", None),
        (f"person_screening/{TO_PARK_AT_MOST}", None),
        (f"person_screening/{TO_PARK_AT_MOST + 1}", ErrorCode.UNKNOWN_STEP),
        ("person_screening/0", ErrorCode.UNKNOWN_STEP),
        ("person_screening/01", ErrorCode.UNKNOWN_STEP),
        ("person_screening/99999", ErrorCode.UNKNOWN_STEP),
        ("person_screening/x", ErrorCode.UNKNOWN_STEP),
        ("person_screening/\u0661", ErrorCode.UNKNOWN_STEP),
        ("person_screening/" + "9" * 180, ErrorCode.UNKNOWN_STEP),
    ],
)
def test_a_screening_is_parked_by_a_number_that_it_has_or_may_have_soon(
    monkeypatch: pytest.MonkeyPatch, step: str, code: ErrorCode | None
) -> None:
    course = Course(SubscriptionStart("geomatics", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    assert code_of(course.say(Park(step, "look first"), OPENED)) == code
    if code is None:
        assert code_of(course.say(Resolve(step, "retry", "a slip"), OPENED)) is None
        assert course.state.park_requested == {}
