"""A subscription whose order was screened, without Temporal: its users are screened, held and decided on (X19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from activities.contracts.screening import PersonScreened
from jalon.domain.compliance.export import Decision, Reason, ScreeningOutcome
from jalon.domain.order import Cart, CartLine
from jalon.policy.decisions.freezing import frozen
from tests.workflows.subscription.held import Course
from tests.workflows.subscription.test_subscription_machine import OPENED, POLICIES, begin_of
from workflows.engine.commands import Later, Refused
from workflows.shared_steps.holds import DecideHold
from workflows.subscription.commands import (
    AssignSeat,
)
from workflows.subscription.state import Export
from workflows.subscription.workflow import SubscriptionStart

TICK = timedelta(microseconds=1)
CLEAR = ScreeningOutcome(Decision.CLEAR)
MATCH = ScreeningOutcome(Decision.HOLD, (Reason("possible_match", "T6", "entry 1"),))


def export() -> Export:
    """The terms by which an order of a certified product is screened."""
    policy = POLICIES["geomatics"]
    product = policy.products["survey-office"]
    term = product.terms[0]
    currency = next(each for each, prices in product.prices.items() if term in prices)
    line = CartLine("survey-office", 2, term, product.licence_kinds[0])
    cart = Cart("pty_1", "FR", next(iter(policy.audiences)), currency, (line,))
    return Export(frozen(policy, cart, OPENED).export, ("FR",))


def screened_course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """An active subscription with three seats, whose order was screened."""
    course = Course(SubscriptionStart("drafting", "sub_1", False, OPENED), monkeypatch)
    course.go_on()
    begin = begin_of("drafting", "drafting-suite", "P1Y")
    course.say(replace(begin, line=replace(begin.line, seats=3)), OPENED)
    course.state.export = export()
    return course


def states(course: Course) -> list[tuple[int, str, Any]]:
    return [(seat.number, seat.state, seat.party) for seat in course.state.held]


def held(course: Course, party: str, seat: int | None = None) -> None:
    """Assigns a seat to somebody whom the list may name."""
    assert isinstance(course.say(AssignSeat(party, seat), course.state.now), Later)
    course.screened(course.state.screenings, PersonScreened(MATCH, party.startswith("i")))


def decide(course: Course, decision: str, turn: int, actor: str) -> Any:
    return course.say(DecideHold(decision, "seen", turn), course.state.now, actor)


def released(course: Course, turn: int) -> None:
    for actor in ("vera", "victor"):
        assert isinstance(decide(course, "release", turn, actor), dict)


def code_of(outcome: Any) -> str:
    assert isinstance(outcome, Refused)
    return str(outcome.violations[0].code)


def mailed(course: Course, word: str) -> list[str]:
    return [name for name in course.mails if word in name]
