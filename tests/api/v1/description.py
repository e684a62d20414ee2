"""The description of the interface, made from the application without an engine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

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
