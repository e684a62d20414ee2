"""Refuses parameters and bodies that a route does not take, so that a misspelt name is noticed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request

from api.http.json_bodies import UNSTORABLE_NAME, is_unstorable, read_json


def _taken(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """The name of each parameter, and whether it may come more than once."""
    for parameter in dependant.query_params:
        origin = get_origin(parameter.field_info.annotation)
        yield parameter.alias, isinstance(origin, type) and issubclass(origin, Sequence)
    for each in dependant.dependencies:
        yield from _taken(each)


async def refuse_unknown_parameters(request: Request) -> None:
    """Raises RequestValidationError with every query parameter that the route does not take, or that comes twice where one is taken."""
    if not request.query_params:
        return
    route: APIRoute = request.scope["route"]
    sent = Counter(name for name, _ in request.query_params.multi_items())
    taken = dict(_taken(route.dependant))
    misfits = [_misfit("extra_forbidden", "query", name) for name in sorted(sent.keys() - taken.keys())]
    misfits += [
        _misfit("repeated", "query", name) for name in sorted(taken) if sent[name] > 1 and not taken[name]
    ]
    if misfits:
        raise RequestValidationError(misfits)


async def refuse_body(request: Request) -> None:
    """Refuses a body on a route without one; nothing or {} may be sent. Raises RequestValidationError."""
    sent = await request.body()
    if not sent.strip():
        return
    try:
        body = read_json(sent)
    except json.JSONDecodeError as error:
        misfit = _misfit("json_invalid", "body", error.pos) | {"ctx": {"error": error.msg}}
        raise RequestValidationError([misfit]) from None
    if not isinstance(body, dict):
        raise RequestValidationError([_misfit("dict_type", "body") | {"msg": "this route takes no body"}])
    if any(is_unstorable(name) for name in body):
        raise RequestValidationError([_misfit("unstorable", "body") | {"msg": UNSTORABLE_NAME}])
    if body:
        raise RequestValidationError([_misfit("extra_forbidden", "body", name) for name in sorted(body)])


def _misfit(kind: str, *place: str | int) -> dict[str, Any]:
    return {"type": kind, "loc": place, "msg": "", "input": None}
