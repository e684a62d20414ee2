"""Edits of a parked step's input. What the step could not work with is refused, since a step that is tried is parked no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from activities.contracts.mail import MailRequest
from activities.contracts.payments import PaymentRequest
from activities.contracts.screening import PersonScreening, ScreeningRequest
from jalon.domain.calendar.calendars import within_reach
from jalon.domain.emails import EMAILS, email_from_facts
from jalon.domain.error_codes import ErrorCode
from jalon.domain.texts import fault_in
from workflows.engine.commands import Refused, adapter, refused
from workflows.engine.state import Parked
from workflows.engine.step import StepName

SHAPES: dict[StepName, type[Any]] = {
    StepName.MAIL: MailRequest,
    StepName.SCREENING: ScreeningRequest,
    StepName.PERSON_SCREENING: PersonScreening,
}
"""The inputs of the steps that are no payments."""
TEXT_AT_MOST = 1_000
"""The characters of one text in an e-mail."""
NAME_SHOWN = 80
"""The characters that a refusal repeats of a name that no fact has."""


class Misfit(Exception):
    """An edited value that does not fit; `place` leads to it from the edit, and the message says what is wrong."""

    def __init__(self, why: str, *place: str | int) -> None:
        super().__init__(why)
        self.place = tuple(str(part) for part in place)


def edited(parked: Parked, edit: dict[str, Any] | None) -> dict[str, Any] | Refused | None:
    """The whole edited input, or a refusal where it is not valid; None without an edit."""
    if edit is None:
        return None
    try:
        return _edited(parked, edit)
    except Misfit as misfit:
        place = "/".join(misfit.place)
        return refused(ErrorCode.EDIT_INVALID, f"{place}: {misfit}", pointer=f"/edit/{place}", status=422)


def _edited(parked: Parked, edit: dict[str, Any]) -> dict[str, Any]:
    whole = parked.request | edit
    if "fields" in edit:
        if not isinstance(edit["fields"], dict):
            raise Misfit("is an object with the facts to correct; leave it out to correct none", "fields")
        whole["fields"] = parked.request["fields"] | edit["fields"]
        _check_facts(parked.request["template"], edit["fields"], whole["fields"])
    try:
        adapter(SHAPES.get(StepName.of(parked.step), PaymentRequest)).validate_python(whole)
    except ValidationError as error:
        raise _misfit(error) from None
    return whole


def _check_facts(template: str, corrected: Mapping[str, Any], facts: dict[str, Any]) -> None:
    """Raises Misfit where no e-mail of this template can be written from the facts."""
    known = [fact.name for fact in fields(EMAILS[template])]
    for name, value in corrected.items():
        if name not in known:
            wrong = json.dumps(name[:NAME_SHOWN], ensure_ascii=False)
            raise Misfit(f"{wrong} is no fact of this e-mail; these are: {', '.join(known)}", "fields")
        if isinstance(value, str):
            _check_text(name, value)
    try:
        adapter(EMAILS[template]).validate_json(json.dumps(facts), strict=True)
        email = email_from_facts(template, facts)
    except ValidationError as error:
        raise _misfit(error, "fields") from None
    except (ArithmeticError, LookupError, TypeError, ValueError):
        raise Misfit(
            "no e-mail can be written from these facts; correct or leave them out", "fields"
        ) from None
    for name in corrected:
        _check_instant(name, getattr(email, name))


def _check_text(name: str, text: str) -> None:
    fault = fault_in(text)
    if fault is None and len(text) > TEXT_AT_MOST:
        fault = f"has {TEXT_AT_MOST} characters at most"
    if fault is not None:
        raise Misfit(fault, "fields", name)


def _check_instant(name: str, value: object) -> None:
    if not isinstance(value, datetime):
        return
    if value.tzinfo is None:
        raise Misfit("is an instant with its offset, as 2026-01-15T10:30:00+01:00", "fields", name)
    try:
        within_reach(value)
    except ValueError as error:
        raise Misfit(str(error), "fields", name) from None


def _misfit(error: ValidationError, *within: str) -> Misfit:
    fault = error.errors(include_url=False, include_input=False)[0]
    return Misfit(fault["msg"].removeprefix("Value error, "), *within, *fault["loc"])
