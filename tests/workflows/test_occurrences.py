"""The name of each e-mail's occurrence holds a count, unless its moment comes once in a life: a repeated name swallows the second."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "workflows"
ONCE = {
    "cart-reminder": "a cart is reminded of once: reminded_at",
    "order-confirmed": "an order is secured once",
    "order-cancelled": "an order ends once",
    "order-rejected": "an order ends once",
    "contract": "a contract is drawn up once",
    "order-delayed": "a subscription's window for news opens once",
    "active": "a subscription becomes active once",
    "voided": "a line is void once",
    "ended": "a subscription ends once",
}
COUNTS = {
    "placements",
    "generation",
    "turn",
    "term",
    "invitation",
    "assignments",
    "seq",
    "key",
    "due_at",
    "data_until",
}
"""Names of values that differ from one occurrence to the next. The key of an agenda entry holds its number or its term."""


@dataclass(frozen=True)
class Sent:
    """One call that sends an e-mail, and the expression that names its occurrence."""

    place: str
    occurrence: ast.expr


def _sent() -> Iterator[Sent]:
    for file in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(file.read_text())
        constants = _assigned(tree.body)
        for function in (
            each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        ):
            known = constants | _assigned(ast.walk(function))
            for call in ast.walk(function):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and call.func.attr == "mail"
                ):
                    occurrence = call.args[1]
                    if isinstance(occurrence, ast.Name):
                        occurrence = known[occurrence.id]
                    yield Sent(f"{file.relative_to(ROOT)}:{call.lineno}", occurrence)


def _assigned(nodes: object) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in nodes if isinstance(nodes, list) else list(nodes):  # type: ignore[call-overload]
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


SENT = [each for each in _sent() if each.place.partition(":")[0] != "engine/entity.py"]


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.place)
def test_an_occurrence_is_counted_or_comes_once(sent: Sent) -> None:
    if isinstance(sent.occurrence, ast.Constant):
        assert sent.occurrence.value in ONCE
        return
    names = {each.attr for each in ast.walk(sent.occurrence) if isinstance(each, ast.Attribute)}
    names |= {each.id for each in ast.walk(sent.occurrence) if isinstance(each, ast.Name)}
    assert names & COUNTS, ast.unparse(sent.occurrence)


def test_every_moment_that_comes_once_is_used() -> None:
    named = {each.occurrence.value for each in SENT if isinstance(each.occurrence, ast.Constant)}
    assert named == set(ONCE)
