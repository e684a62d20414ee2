"""Reads JSON bodies strictly (UTF-8, each key once, finite numbers), and compares two of them by value."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any, NoReturn

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

NOWHERE = -1
"""The position of a fault that belongs to no single character."""
DEPTH_AT_MOST = 64
"""How deeply a body may be nested. No body of the interface comes near it, and nothing that walks a value runs out of stack."""
UNSTORABLE_NAME = "has a name that holds a NUL or half a surrogate pair"
"""What is wrong with an object that has a name of which `is_unstorable` is true."""
_NUMBER_AT_MOST = 100
_WHOLE_AT_MOST = 2**53
_TOO_DEEP = f"it is nested too deeply, {DEPTH_AT_MOST} levels at most"
_EXACT = Context(prec=2 * _NUMBER_AT_MOST)


class StrictRequest(Request):
    """A request whose JSON is read by `read_json`."""

    async def json(self) -> Any:
        """The body. Raises json.JSONDecodeError."""
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
        return self._json


class StrictRoute(APIRoute):
    """A route whose handler is given a StrictRequest."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The handler of the route."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


def read_json(body: bytes) -> Any:
    """The value of a JSON text. A whole number is an int however it is written (1, 1.0, 1e0).

    Raises json.JSONDecodeError, whose message says in words what is wrong.
    """
    return _parse(body, _number)


def canonical(body: bytes) -> bytes:
    """Equal bytes for equal JSON values: blanks, order of keys and escapes do not count, numbers count by their decimal value.

    A body that is no JSON is its own bytes.
    """
    try:
        value = _parse(body, Decimal)
    except json.JSONDecodeError:
        return body
    return json.dumps(_tagged(value), sort_keys=True, separators=(",", ":")).encode()


def is_unstorable(text: str) -> bool:
    """Whether PostgreSQL cannot store the text, nor an answer repeat it."""
    return "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


def _parse(body: bytes, number: Callable[[str], Any]) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise json.JSONDecodeError("it is not UTF-8", "", wrong.start) from None

    def fraction(written: str) -> Any:
        if len(written) > _NUMBER_AT_MOST or not math.isfinite(float(written)):
            _refuse("a number is too long or too large")
        try:
            return number(written)
        except InvalidOperation:
            _refuse("a number is too long or too large")

    try:
        value = json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=lambda name: _refuse(f"{name} is no JSON number"),
            parse_float=fraction,
            parse_int=_whole,
        )
    except RecursionError:
        _refuse(_TOO_DEEP)
    _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    nested, depth = _nested([value]), 0
    while nested:
        depth += 1
        if depth > DEPTH_AT_MOST:
            _refuse(_TOO_DEEP)
        nested = _nested(entry for each in nested for entry in _entries(each))


def _nested(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, (dict, list))]


def _entries(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _number(written: str) -> int | float:
    exact = Decimal(written)
    return (
        int(exact) if abs(exact) <= _WHOLE_AT_MOST and exact == exact.to_integral_value() else float(written)
    )


def _whole(written: str) -> int:
    if len(written) > _NUMBER_AT_MOST:
        _refuse("a number is too long or too large")
    return int(written)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            _refuse(f"the key {json.dumps(key)} comes twice")
        found[key] = value
    return found


def _refuse(why: str) -> NoReturn:
    raise json.JSONDecodeError(why, "", NOWHERE)


def _tagged(value: Any) -> Any:
    """The value with its numbers as texts, told apart from texts by a first letter."""
    match value:
        case bool() | None:
            return value
        case str():
            return f"s{value}"
        case int() | Decimal():
            exact = _EXACT.create_decimal(value)
            return f"n{_EXACT.normalize(_EXACT.plus(exact))}" if exact else "n0"
        case list():
            return [_tagged(each) for each in value]
        case _:
            return {key: _tagged(each) for key, each in value.items()}
