"""A form of the console that makes one call to the API, under the key that the form carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request

from api.web.console.calling import ask
from api.web.console.problems import Trouble
from api.web.console.staff import Staff, posted
from api.web.forms import FIELDS_AT_MOST, out_of_date
from jalon.client.calls import Call
from jalon.client.errors import ApiError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a form: the `answer`, or the `trouble` with which the API refused it. `typed` are its fields."""

    answer: Any
    trouble: Trouble | None
    typed: Mapping[str, str]


async def send(
    request: Request,
    staff: Staff,
    build: Callable[[Mapping[str, str]], Call[Any]],
    fields_at_most: int = FIELDS_AT_MOST,
) -> Sent:
    """Makes the call of the posted form, once under its key. Raises Problem for a form that no page of the session made."""
    fields = await posted(request, staff, fields_at_most)
    key = fields.pop("key", "")
    if not key.isascii() or not key.isalnum():
        raise out_of_date()
    call = build(fields)
    try:
        answer = await ask(request, staff, call.under(f"{key}-{call.path.rpartition('/')[2]}"))
    except ApiError as refused:
        return Sent(None, Trouble.of(refused), fields)
    return Sent(answer, None, fields)


def number_in(fields: Mapping[str, str], name: str) -> int | None:
    """A whole number that was typed; None where the field is empty or holds none."""
    typed = fields.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdecimal() else None
