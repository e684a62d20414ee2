"""What law gives consumers above their store's policy: the notice before a renewal (C1)."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache

from pydantic import TypeAdapter

from jalon.domain.terms import NoticeByLaw
from jalon.policy.decisions.destinations import FLOOR
from jalon.policy.model.dated import LawfulNotice

_NOTICES = TypeAdapter(tuple[LawfulNotice, ...])


@cache
def _notices() -> tuple[LawfulNotice, ...]:
    written = tomllib.loads(FLOOR.read_text(encoding="utf-8"))
    return _NOTICES.validate_python(written["renewal_notices"], strict=False)


def notice_by_law(country: str, day: date) -> NoticeByLaw | None:
    """The notice that a consumer of this country is given by law, for a purchase on a day of the store's zone; None where there is none."""
    for rule in _notices():
        if country in rule.countries and rule.valid_from <= day:
            return NoticeByLaw(rule.earliest, rule.latest, rule.sent, rule.basis)
    return None
