"""What does not fit is said in words for people, with a pointer to its place in the body."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from api.http.validation import problem_of
from api.v1.operations.bodies import Advance, DeclareOutage, IssueKey, RetryStep, SkipStep
from api.v1.orders.bodies import OpenOrder, PlaceOrder
from api.v1.repairs.bodies import PlanRepair
from api.v1.subscriptions.bodies import AssignSeat
from jalon.domain.violations import Violation
from tests.support.shop import Shop

STEP = {"step": "charge", "reason": "because"}
DEEP: dict[str, Any] = {}
for _ in range(12):
    DEEP = {"a": DEEP}


def violations(shape: type[BaseModel], body: Any) -> list[Violation]:
    """The violations of a body that does not fit."""
    with pytest.raises(ValidationError) as misfits:
        shape.model_validate(body)
    found = [{**misfit, "loc": ("body", *misfit["loc"])} for misfit in misfits.value.errors()]
    return list(problem_of(found).violations)


@pytest.mark.parametrize(
    ("shape", "body", "pointer", "says"),
    [
        (OpenOrder, {"store": 5}, "/store", "store is a text"),
        (OpenOrder, {"lines": {}}, "/lines", "lines is a list"),
        (OpenOrder, {"buyer": "Ada"}, "/buyer", "buyer is an object with names and values"),
        (OpenOrder, {"country": ""}, "/country", "country has 1 or more characters"),
        (OpenOrder, {"country": "x" * 81}, "/country", "country has 80 characters at most"),
        (OpenOrder, {"lines": [{}] * 51}, "/lines", "lines has 50 entries at most"),
        (OpenOrder, {"lines": [{"quantity": 1.5}]}, "/lines/0/quantity", "lines.0.quantity is a whole number"),
        (PlaceOrder, {"terms_accepted": 1}, "/terms_accepted", "terms_accepted is true or false"),
        (AssignSeat, {"seat": 0}, "/seat", "seat is 1 at least"),
        (AssignSeat, {"seat": 1_000_001}, "/seat", "seat is 1000000 at most"),
        (PlanRepair, {"stop_at_error_rate": "half"}, "/stop_at_error_rate", "stop_at_error_rate is a number"),
        (PlanRepair, {"stop_at_error_rate": float("inf")}, "/stop_at_error_rate", "stop_at_error_rate is 1.0 at most"),
        (AssignSeat, {"language": "de"}, "/language", "language is 'fr' or 'en'"),
        (Advance, [], "", "the body is an object with names and values"),
        (Advance, {"to": "2026-01-15T10:30:00"}, "/to", "to is without its offset: write an instant"),
        (Advance, {"to": "2026-02-30T10:30:00Z"}, "/to", "to is no instant (day value is outside"),
        (DeclareOutage, {"from": 5}, "/from", "from: write an instant of RFC 3339"),
        (IssueKey, {"stores": ["Other"]}, "/stores/0", "stores.0: is the id of a store, or * for every store"),
        (SkipStep, STEP | {"evidence": 5}, "/evidence", "evidence: is a text, or an object"),
        (SkipStep, STEP | {"evidence": "\u202e"}, "/evidence", "evidence: holds a mark that reverses"),
        (RetryStep, STEP | {"edit": {"fields": 5}}, "/edit/fields", "edit.fields is an object"),
        (RetryStep, STEP | {"edit": []}, "/edit", "edit is an object"),
        (OpenOrder, {"buyer": {"name": "a\x00b"}}, "/buyer/name", "buyer.name: holds a NUL"),
        (OpenOrder, {"lines": [{"sku": "\ud800"}]}, "/lines/0/sku", "lines.0.sku: holds a NUL or half"),
        (SkipStep, STEP | {"evidence": {"a/b": ["\x00"]}}, "/evidence/a~1b/0", "evidence.a/b.0: holds a NUL"),
        (SkipStep, STEP | {"evidence": {"\x00": 1}}, "/evidence", "evidence: has a name that holds a NUL"),
        (Advance, {"\udfff": 1}, "", "the body: has a name that holds a NUL"),
        (SkipStep, STEP | {"evidence": {"a b": "x"}}, "/evidence/a b", "evidence.a b: is written without blanks"),
        (SkipStep, STEP | {"evidence": DEEP}, "/evidence", "evidence: is nested deeper than 12 levels"),
    ],
)  # fmt: skip
def test_a_misfit_names_its_place_and_what_belongs_there(
    shape: type[BaseModel], body: Any, pointer: str, says: str
) -> None:
    (found,) = [each for each in violations(shape, body) if each.code != "field_missing"]
    assert found.pointer == pointer
    assert found.message.startswith(says)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("after=ORD", "after: is an id as Jalon writes it"),
        ("limit=ten", "limit is a whole number"),
        ("limit=101", "limit is 100 at most"),
        ("status=gone", "status is 'new', 'cart'"),
    ],
)
def test_a_query_parameter_is_told_in_the_same_words(shared_shop: Shop, query: str, says: str) -> None:
    answer = shared_shop.store.client().get(f"/v1/orders?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(says)


@pytest.mark.parametrize(
    ("path", "role", "says"),
    [
        (f"/v1/ops/outages?after={2**63}", "ops", f"after is less than {2**63}"),
        ("/v1/ops/causes/gone", "ops", "fingerprint: is the fingerprint of a cause: 12 digits"),
        ("/v1/terms/%C2%84", "storefront", "sha256: is a SHA-256 in hexadecimal"),
    ],
)
def test_what_stands_in_an_address_is_told_in_the_same_words(
    shared_shop: Shop, path: str, role: str, says: str
) -> None:
    answer = shared_shop.store.client(role).get(path)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(says)
