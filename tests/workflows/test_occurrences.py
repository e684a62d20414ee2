"""The name of each occurrence holds a count, unless its moment comes once in a life: a repeated name swallows the second.

Looked at are e-mails, payments, messages between entities, frozen terms and documents, wherever workflows and activities name one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ONCE = {
    "cart-reminder": "a cart is reminded of once: reminded_at",
    "order-confirmed": "an order is secured once",
    "order-cancelled": "an order ends once",
    "order-rejected": "an order ends once",
    "contract": "a contract is drawn up once, and its e-mail sent once",
    "order-delayed": "a subscription's window for news opens once",
    "active": "a subscription becomes active once",
    "voided": "a line is void once",
    "ended": "a subscription ends once",
    "line/delayed": "a subscription's window for news opens once",
}
COUNTS = {
    "placements",
    "placement",
    "generation",
    "turn",
    "term",
    "invitation",
    "assignments",
    "cancellations",
    "fewer_tellings",
    "seq",
    "receipt",
    "key",
    "due_at",
    "data_until",
    "resent",
}
"""Names of values that differ from one occurrence to the next. The key of an agenda entry holds its number or its term."""
ONE_EACH = {
    "outcome": "a line is active once, or void once",
    "number": "each line of an order begins once",
    "item": "each entity of a repair gets its command once",
}
"""Names of values of which each has one occurrence."""
NAMED = {"mail": 1, "mail_admin": 1, "send": 1, "tell_order": 0, "freeze_terms": 3, "keep_document": 3}
"""The functions that take the name of an occurrence, and where among their arguments. A document's kind is its name."""


@dataclass(frozen=True)
class Sent:
    """One call that names an occurrence, and the expression that names it."""

    place: str
    occurrence: ast.AST


@cache
def _calls() -> tuple[tuple[str, str, ast.Call, Mapping[str, ast.AST]], ...]:
    return tuple(_read())


def _read() -> Iterator[tuple[str, str, ast.Call, Mapping[str, ast.AST]]]:
    for file in sorted((*(ROOT / "workflows").rglob("*.py"), *(ROOT / "activities").rglob("*.py"))):
        tree = ast.parse(file.read_text())
        constants, place = _assigned(tree.body), str(file.relative_to(ROOT))
        for function in (
            each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        ):
            given = {each.arg: each for each in ast.walk(function.args) if isinstance(each, ast.arg)}
            known = given | constants | _assigned(ast.walk(function))
            for call in ast.walk(function):
                if isinstance(call, ast.Call):
                    called = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
                    yield place, str(called), call, known


def _sent() -> Iterator[Sent]:
    for place, called, call, known in _calls():
        if called in NAMED and isinstance(call.func, ast.Attribute) and len(call.args) > NAMED[called]:
            occurrence: ast.AST = call.args[NAMED[called]]
            if isinstance(occurrence, ast.Name):
                occurrence = known.get(occurrence.id, occurrence)
            # A function that hands on the name that its caller gave is no place where one is made.
            if not isinstance(occurrence, ast.arg):
                yield Sent(f"{place}:{call.lineno}", occurrence)


def _assigned(nodes: object) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in nodes if isinstance(nodes, list) else list(nodes):  # type: ignore[call-overload]
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Name):
            found[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            each = zip(target.elts, value.elts, strict=True)
            found |= {name.id: made for name, made in each if isinstance(name, ast.Name)}
    return found


def _names(expression: ast.AST) -> set[str]:
    names = {each.attr for each in ast.walk(expression) if isinstance(each, ast.Attribute)}
    return names | {each.id for each in ast.walk(expression) if isinstance(each, ast.Name)}


@cache
def sent() -> tuple[Sent, ...]:
    """Every call that names an occurrence. Only the process that looks at them reads them."""
    return tuple(_sent())


@cache
def payments() -> tuple[Sent, ...]:
    """The generation of each payment. Its cycle is the term, 0 for what an order pays; purpose and entity are the rest of its name."""
    return tuple(
        Sent(f"{place}:{call.lineno}", call.args[4])
        for place, called, call, _ in _calls()
        if called == "PaymentRequest"
    )


def test_every_occurrence_is_counted_or_comes_once() -> None:
    assert [each.place for each in (*sent(), *payments()) if not _is_counted_or_comes_once(each)] == []


def _is_counted_or_comes_once(each: Sent) -> bool:
    if isinstance(each.occurrence, ast.Constant):
        return each.occurrence.value in ONCE
    return bool(_names(each.occurrence) & (COUNTS | ONE_EACH.keys()))


def test_every_moment_that_comes_once_is_used() -> None:
    named = {each.occurrence.value for each in sent() if isinstance(each.occurrence, ast.Constant)}
    assert named == set(ONCE)


def test_each_sort_of_occurrence_is_looked_at() -> None:
    assert {name for _, name, *_ in _calls()} >= NAMED.keys()
    assert {place.partition(":")[0] for place in (each.place for each in payments())} == {
        "workflows/order/steps/fulfilment.py",
        "workflows/order/steps/payment.py",
        "workflows/shared_steps/mandates.py",
        "workflows/subscription/steps/charge.py",
    }
