"""Events as facts: each has its name, its sentence and its keys, and some code records it."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from jalon.domain import events
from jalon.domain.events import EVENTS, Event
from jalon.domain.money import Money
from jalon.domain.terms import ACTIVATION_STEPS

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
PRICE = Money(Decimal("1200.00"), "EUR")
PERSONAL = ("email", "address", "phone", "recipient", "person", "buyer", "party")
every_event = pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.name)


@every_event
def test_an_event_is_frozen_and_says_in_one_sentence_what_happened(kind: type[Event]) -> None:
    assert getattr(kind, "__dataclass_params__").frozen  # noqa: B009
    assert re.fullmatch(r"[A-Z][^\n]*[^.\n]\.", kind.__doc__ or "")


@every_event
def test_an_event_has_no_place_for_anything_personal(kind: type[Event]) -> None:
    for field in dataclasses.fields(kind):
        assert not any(word in field.name for word in PERSONAL), field.name


@every_event
def test_every_annotation_of_an_event_is_a_key_or_belongs_to_all_events(kind: type[Event]) -> None:
    keys = {field.name for field in dataclasses.fields(kind)}
    assert set(kind.__annotations__) - keys <= {"rule", "public"}


def test_the_name_is_that_of_the_class() -> None:
    assert (events.OrderPlaced.name, events.RefundByHand.name) == ("order_placed", "refund_by_hand")
    assert EVENTS["order_placed"] is events.OrderPlaced


def test_the_data_are_the_keys_in_their_order() -> None:
    placed = events.OrderPlaced(policy="p", terms="t", total=PRICE)
    assert list(placed.data().items()) == [("total", PRICE.as_dict()), ("terms", "t"), ("policy", "p")]


def test_a_key_that_says_nothing_is_left_out_and_one_that_holds_nothing_is_null() -> None:
    assert events.PaymentDeclined(code=None).data() == {"code": None}
    assert events.PaymentDeclined(code="x", settle_by=AT).data() == {"code": "x", "settle_by": AT}
    assert events.PaymentActionRequired(confirm_by=AT).data() == {"confirm_by": AT}
    assert list(events.PaymentActionRequired(settle_by=AT, code=None).data()) == ["code", "settle_by"]


def test_every_activation_step_has_its_event() -> None:
    assert tuple(events.STEP_TAKEN) == ACTIVATION_STEPS
    for step, kind in events.STEP_TAKEN.items():
        assert kind.name == f"step_{step}"


def test_a_workflow_tells_every_event() -> None:
    told = set(_named_in_workflows()) | {kind.__name__ for kind in events.STEP_TAKEN.values()}
    assert {kind.__name__ for kind in EVENTS.values()} - told == set()


def _named_in_workflows() -> Iterator[str]:
    for file in (ROOT / "workflows").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "events":
                yield node.attr
