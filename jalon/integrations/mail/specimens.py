"""An example of any e-mail, made from the types of its facts, so that each can be looked at before anything happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any, get_args, get_type_hints

from jalon.domain.emails import EMAILS, Email
from jalon.domain.money import Money

_TEXTS = {
    "product": "Anchor Design Premium",
    "order_number": "EXA-2026-K7QN2X",
    "subscription_number": "sub_01jcq8y2w7r4e6t8y0v2c4x6z8",
    "code": "40291387",
}
_PRICE = Money(Decimal("1200.00"), "EUR")
_NUMBER = 3


def specimens(template: str, now: datetime) -> Iterator[Email]:
    """Examples of one e-mail that show each choice of its wording once. Raises KeyError for a template that nobody declared."""
    kind = EMAILS[template]
    types = get_type_hints(kind)
    choices = {each.name: list(_values(each.name, types[each.name], now)) for each in fields(kind)}
    for row in zip_longest(*choices.values()):
        chosen = zip(choices, row, strict=True)
        yield kind(**{name: choices[name][-1] if value is None else value for name, value in chosen})


def _values(name: str, declared: Any, now: datetime) -> Iterator[Any]:
    candidates = [each for each in (get_args(declared) or (declared,)) if each is not type(None)]
    if all(isinstance(each, str) for each in candidates):
        yield from candidates
    elif bool in candidates:
        yield from (True, False)
    elif datetime in candidates:
        yield _at(name, now)
    elif Money in candidates:
        yield _PRICE
    elif int in candidates:
        yield _NUMBER
    else:
        yield _TEXTS.get(name, f"{name}-1")


def _at(name: str, now: datetime) -> datetime:
    """A deadline at the end of a day, a fortnight ahead; any other instant as it is."""
    if not name.endswith(("_by", "_until")):
        return now
    return (now + timedelta(days=14)).astimezone(UTC).replace(hour=22, minute=0, second=0, microsecond=0)
