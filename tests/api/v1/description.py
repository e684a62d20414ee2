"""The description of the interface, made from the application without an engine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import httpx

from api.app import build
from api.web.hosted.pages import Pages

ROOT = Path(__file__).resolve().parents[3]


def _never_opened() -> NoReturn:
    raise AssertionError("the description needs no resources")


@cache
def described() -> dict[str, Any]:
    """The OpenAPI document."""
    return build(_never_opened, Pages(ROOT / "templates")).openapi()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation with its method and path."""
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def operation_at(method: str, path: str) -> dict[str, Any] | None:
    """The operation of this method and path. A literal path goes before one that takes it as a parameter."""
    fitting = [
        each for each in described()["paths"] if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", each), path)
    ]
    nearest = min(fitting, key=lambda each: each.count("{"), default=None)
    return None if nearest is None else described()["paths"][nearest].get(method.lower())


def example_of(operation: Mapping[str, Any]) -> dict[str, Any] | None:
    """The example of the operation's body; None where it takes none."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return None
    schema = content["application/json"]["schema"]
    (reference,) = (each["$ref"] for each in schema.get("anyOf", [schema]) if "$ref" in each)
    (example,) = described()["components"]["schemas"][reference.rpartition("/")[2]]["examples"]
    return dict(example)


def judge(response: httpx.Response) -> None:
    """Checks that the description has this response: its status, its headers and its content type."""
    request = response.request
    operation = operation_at(request.method, request.url.path)
    if operation is None:
        return
    what = f"{operation['operationId']}: {response.status_code}"
    assert str(response.status_code) in operation["responses"], f"{what} is not described"
    answer = operation["responses"][str(response.status_code)]
    for name, header in answer["headers"].items():
        described_as = described()["components"]["headers"].get(
            header.get("$ref", "").rpartition("/")[2], header
        )
        value = response.headers.get(name)
        assert value is not None or not described_as.get("required"), f"{what} lacks {name}"
        pattern = described_as["schema"].get("pattern", "")
        assert value is None or re.search(pattern, value), f"{what} has {name} in another form: {value}"
    assert response.headers["content-type"].partition(";")[0] in answer["content"], what
