"""The description of the interface contains everything that a client needs, for every operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.openapi import WORDS
from jalon.domain.compliance.certificates import QUESTIONS
from jalon.domain.error_codes import ErrorCode
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from tests.api.v1.description import described, judge, operations

PROBLEM = {"$ref": "#/components/schemas/ProblemDetails"}
SCHEMAS = described()["components"]["schemas"]
OPERATIONS = [
    pytest.param(method, path, operation, id=operation["operationId"])
    for method, path, operation in operations()
]
FREE = {
    ("Event", "data"),
    ("ParkedStep", "editable"),
    ("StoppedStep", "editable"),
    ("TimelineLine", "data"),
    ("AuditLine", "after"),
    ("AuditLine", "before"),
    ("AuditLine", "data"),
    ("HistoryLine", "data"),
    ("Involvement", "amount"),
    ("Edit", "fields"),
    ("SkipStep", "evidence"),
    ("BulkEdit", "fields"),
    ("PlanRepair", "evidence"),
    ("Product", "names"),
    ("TermsReference", "title"),
    ("TermsText", "text"),
    ("TermsText", "title"),
    ("Hold", "decisions"),
    ("HeldPerson", "decisions"),
}
"""Fields whose keys depend on the event, the step, the language or the reviewer."""

READS_BY_POST = {"/v1/support/search"}
"""Their body holds what no address should; they record nothing."""


def headers(operation: dict[str, Any]) -> dict[str, bool]:
    """The headers that the operation takes, and whether each is required."""
    found = [each for each in operation.get("parameters", ()) if each["in"] == "header"]
    return {each["name"]: each["required"] for each in found}


def test_operations_have_names_of_their_own_that_a_client_can_wear() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    verbs = {name.partition("_")[0] for name in names if re.fullmatch(r"[a-z]+(_[a-z]+)+", name)}
    assert len(verbs) > 10
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in names), names
    assert {"open_order", "place_order", "list_orders", "read_subscription"} <= set(names)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_an_operation_is_described_whole(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert len(operation["description"]) > 10
    assert operation["tags"]
    answers = operation["responses"]
    successes = [answer for status, answer in answers.items() if status < "300"]
    assert successes
    for answer in successes:
        (body,) = answer["content"].values()
        assert "$ref" in body["schema"] or body["schema"].get("type") == "string" or "anyOf" in body["schema"]
    problems = {status: answer for status, answer in answers.items() if status >= "400"}
    assert {"400", "500", "503"} <= set(problems)
    for status, answer in problems.items():
        if (path, status) != ("/readyz", "503"):
            assert answer["content"] == {"application/problem+json": {"schema": PROBLEM}}
        assert answer["description"]
    for answer in answers.values():
        assert "X-Reference" in answer["headers"]


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_an_operation_says_who_may_call_it_and_what_a_write_needs(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    answers, with_key = operation["responses"], bool(operation.get("security"))
    assert with_key == (not path.startswith(("/v1/provider-webhooks", "/healthz", "/readyz")))
    assert ("401" in answers, "403" in answers) == (with_key, with_key)
    if with_key:
        assert answers["401"]["headers"]["WWW-Authenticate"]["required"]
    writes = with_key and method in ("post", "put", "patch") and path not in READS_BY_POST
    assert headers(operation) == ({"Idempotency-Key": True} if writes else {})
    if writes:
        assert {"404", "409", "413", "415", "422"} <= set(answers)
        assert "Retry-After" in answers["409"]["headers"]
    if "202" in answers:
        assert all(answers["202"]["headers"][name]["required"] for name in ("Location", "Retry-After"))
    if "{" in path:
        assert "404" in answers


@pytest.mark.parametrize(
    ("status", "headers"),
    [(418, {}), (401, {"content-type": "application/problem+json"}), (200, {"content-type": "text/html"})],
)
def test_a_response_that_is_not_described_is_seen(status: int, headers: dict[str, str]) -> None:
    """Every test of the API checks its responses in this way."""
    request = httpx.Request("GET", "http://jalon/v1/orders")
    with pytest.raises(AssertionError, match="list_orders"):
        judge(httpx.Response(status, headers=headers, request=request))


def test_lists_have_typed_items() -> None:
    lists = [
        name
        for name, schema in SCHEMAS.items()
        if schema.get("properties", {}).get("data", {}).get("type") == "array"
    ]
    assert len(lists) >= 9
    for name in lists:
        items = SCHEMAS[name]["properties"]["data"]["items"]
        assert "$ref" in items or all("$ref" in each for each in items.get("oneOf", items.get("anyOf"))), name


def untyped(schema: Any, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The places where a schema allows any value."""
    if isinstance(schema, list):
        for each in schema:
            yield from untyped(each, place)
    elif isinstance(schema, dict):
        anything = schema.get("additionalProperties") not in (None, False) and not schema.get("properties")
        bare = schema.get("type") == "object" and not {"properties", "additionalProperties"} & set(schema)
        if anything or bare:
            yield place
        for name, each in schema.get("properties", {}).items():
            yield from untyped(each, (*place, name))
        for key in ("items", "anyOf", "oneOf"):
            yield from untyped(schema.get(key, []), place)


def test_nothing_is_untyped_but_what_depends_on_its_neighbour() -> None:
    found = {place for name, schema in SCHEMAS.items() for place in untyped(schema, (name,))}
    assert found == FREE


def test_enums_and_money_are_types_of_their_own() -> None:
    assert set(SCHEMAS["ErrorCode"]["enum"]) == set(ErrorCode)
    assert set(SCHEMAS["OrderStatus"]["enum"]) == set(OrderStatus)
    assert set(SCHEMAS["SubscriptionStatus"]["enum"]) == set(SubscriptionStatus)
    assert {
        each.get("$ref") or each["type"] for each in SCHEMAS["ProblemDetails"]["properties"]["code"]["anyOf"]
    } == {
        "#/components/schemas/ErrorCode",
        "string",
    }
    money = SCHEMAS["Money"]["properties"]
    assert {name: each["type"] for name, each in money.items()} == {"amount": "string", "currency": "string"}
    assert SCHEMAS["OrderLine"]["properties"]["price"] == {"$ref": "#/components/schemas/Money"}


def nameless(part: Any) -> Iterator[Any]:
    """Enums that may be null and have no name: a generator would have to invent one."""
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from nameless(each)
    if isinstance(part, dict):
        yield from (each["enum"] for each in part.get("anyOf", ()) if "enum" in each)


def test_words_that_fields_share_have_a_name() -> None:
    assert set(WORDS) <= set(SCHEMAS)
    assert list(nameless(described())) == []
    assert SCHEMAS["Person"]["properties"]["language"]["anyOf"][0] == {
        "$ref": "#/components/schemas/Language"
    }


@pytest.mark.rule("T5", "T6")
def test_the_certificate_shows_its_questions() -> None:
    answers = SCHEMAS["AnswerCertificate"]["properties"]["answers"]
    assert list(answers["properties"]) == [question.key for question in QUESTIONS]
    assert answers["required"] == [question.key for question in QUESTIONS if question.required]
    for question in QUESTIONS:
        assert question.asks in answers["properties"][question.key]["description"]
    assert answers["properties"]["no_diversion"]["const"] is True
    assert answers["properties"]["nuclear"]["type"] == "boolean"


def test_answers_may_grow_and_bodies_may_not() -> None:
    assert SCHEMAS["OpenOrder"]["additionalProperties"] is False
    assert SCHEMAS["CartLine"]["additionalProperties"] is False
    assert "additionalProperties" not in SCHEMAS["Order"]
