"""The table of error codes is complete, and every use of a code agrees with the table."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path

import psycopg.types.json
import pytest
from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python
from temporalio.contrib.pydantic import pydantic_data_converter

from jalon.domain.error_codes import AREAS, ERRORS, ErrorCode, StoreCode, read_code
from jalon.domain.violations import Violation

ROOT = Path(__file__).resolve().parents[3]
BUILDERS = {"Violation": 0, "refused": 0, "Problem": 1}
"""The functions that build an error, with the position of the code among their arguments."""
RULE_AT = {"Violation": 3, "refused": 2}
STATUS_AT = {"Problem": 0, "refused": 4}
"""RULE_AT and STATUS_AT are the positions of the rule and the status among the positional arguments."""


@dataclass(frozen=True)
class Use:
    """One place that builds an error with a code."""

    place: str
    code: ErrorCode
    rule: str | None
    status: int | None


def _uses() -> Iterator[Use]:
    for package in ("api", "jalon/domain", "jalon/inbox", "jalon/policy", "workflows"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in BUILDERS:
                    yield from _use(node, f"{file.relative_to(ROOT)}:{node.lineno}")


def _use(call: ast.Call, place: str) -> Iterator[Use]:
    builder = getattr(call.func, "id", "")
    rule = _argument(call, "rule", RULE_AT.get(builder))
    status = _argument(call, "status", STATUS_AT.get(builder))
    for code in _members(call.args[BUILDERS[builder]]):
        yield Use(place, code, _literal(rule), _status(status, builder))


def _argument(call: ast.Call, name: str, at: int | None) -> ast.expr | None:
    if at is not None and len(call.args) > at:
        return call.args[at]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _members(node: ast.AST) -> Iterator[ErrorCode]:
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and getattr(each.value, "id", "") == "ErrorCode":
            yield ErrorCode[each.attr]


def _literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _status(node: ast.expr | None, builder: str) -> int | None:
    if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "HTTPStatus":
        return HTTPStatus[node.attr].value
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    return 409 if node is None and builder == "refused" else None


@cache
def uses() -> tuple[Use, ...]:
    """Every use of a code. Only the process that looks at them reads them."""
    return tuple(_uses())


def test_every_code_has_one_entry() -> None:
    assert list(ERRORS) == [code for area in AREAS.values() for code in area]
    assert set(ERRORS) == set(ErrorCode)
    assert sum(map(len, AREAS.values())) == len(ErrorCode)


def test_every_code_is_used() -> None:
    named = set()
    for package in ("api", "jalon/domain", "jalon/inbox", "jalon/policy", "workflows"):
        for file in (ROOT / package).rglob("*.py"):
            if file.parent.name != "error_codes":
                named |= set(_members(ast.parse(file.read_text())))
    assert named == set(ErrorCode)


@pytest.mark.parametrize("code", ErrorCode)
def test_an_entry_says_what_is_wrong_and_what_to_do(code: ErrorCode) -> None:
    described = ERRORS[code]
    assert code.value == code.name.lower()
    assert described.title[0].isupper()
    assert not described.title.endswith(".")
    assert described.cause.endswith(".")
    assert described.way_out.endswith(".")
    assert described.statuses
    assert all(HTTPStatus(status) >= HTTPStatus.BAD_REQUEST for status in described.statuses)


def test_a_code_comes_with_the_statuses_and_the_rule_of_its_entry() -> None:
    assert len(uses()) > 70
    wrong = [
        use
        for use in uses()
        if (use.status is not None and use.status not in ERRORS[use.code].statuses)
        or (use.rule != ERRORS[use.code].rule and not _depends(use.code))
    ]
    assert wrong == []


def _depends(code: ErrorCode) -> bool:
    """Whether the places differ in their rule, so that the entry names none."""
    return ERRORS[code].rule is None and len({use.rule for use in uses() if use.code is code}) > 1


def test_a_code_is_its_plain_text_wherever_it_is_written() -> None:
    violation = Violation(ErrorCode.UNKNOWN_SKU, "no such product", "/lines/0/sku")
    payload = pydantic_data_converter.payload_converter.to_payloads([violation])[0].data
    dumped = psycopg.types.json.Jsonb(asdict(violation))
    written = [
        to_jsonable_python(violation)["code"],
        json.loads(json.dumps(asdict(violation)))["code"],
        json.loads(json.dumps(dumped.obj))["code"],
        json.loads(payload)["code"],
        f"{violation.code}",
        str(violation.code),
    ]
    assert written == ["unknown_sku"] * len(written)
    assert {type(text) for text in written} == {str}


@pytest.mark.parametrize("code", [ErrorCode.UNKNOWN_SKU, StoreCode("hardware_separate")])
def test_a_violation_read_from_json_has_its_code_again(code: ErrorCode | StoreCode) -> None:
    written = Violation(code, "no", "", "T5")
    read = TypeAdapter(Violation).validate_json(json.dumps(asdict(written)))
    converter = pydantic_data_converter.payload_converter
    (converted,) = converter.from_payloads(converter.to_payloads([written]), [Violation])
    assert read == converted == written
    assert type(read.code) is type(converted.code) is type(code)


def test_a_text_that_is_no_code_of_ours_is_one_of_a_store() -> None:
    assert read_code("not_found") is ErrorCode.NOT_FOUND
    assert read_code("hardware_separate") == "hardware_separate"
    assert not isinstance(read_code("hardware_separate"), ErrorCode)
