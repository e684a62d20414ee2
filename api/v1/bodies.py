"""The base of every body: unknown keys are refused, no value is converted, and texts contain no control characters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from jalon.addresses import read_address
from jalon.domain.calendar.calendars import within_reach

_TEXT = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
_CARD_NUMBER = re.compile(r"\d[\d -]{10,21}\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_DEPTH_AT_MOST = 12


def _no_card_number(token: str) -> str:
    if _CARD_NUMBER.fullmatch(token):
        raise ValueError(
            "this looks like a card number: send the token that the payment provider gave for it"
        )
    return token


def _instant_text(value: Any) -> Any:
    if isinstance(value, str) and _INSTANT.match(value):
        return value
    raise ValueError("write an instant of RFC 3339 with its offset, as 2026-01-15T10:30:00+01:00")


Line = Annotated[str, Field(min_length=1, max_length=200, pattern=_TEXT)]
"""One line of text that is not blank."""

Reason = Annotated[str, Field(min_length=1, max_length=1000, pattern=_TEXT)]
EmailAddress = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}, examples=["ada@example.com"]),
    AfterValidator(read_address),
]
Code = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Token = Annotated[
    str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+$"), AfterValidator(_no_card_number)
]
StoreId = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-z][a-z0-9_-]*$")]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant_text),
    AfterValidator(within_reach),
    Field(strict=False, examples=["2026-01-15T10:30:00+01:00"]),
]
LanguageCode = Literal["fr", "en"]


def _check_texts(value: Any, depth: int = 0) -> None:
    if depth > _DEPTH_AT_MOST:
        raise ValueError(f"nested deeper than {_DEPTH_AT_MOST} levels")
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValueError("a text holds a NUL or half a surrogate pair")
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            _check_texts(key, depth + 1)
            _check_texts(entry, depth + 1)
    elif isinstance(value, list):
        for entry in value:
            _check_texts(entry, depth + 1)


def example(**body: Any) -> ConfigDict:
    """The configuration of a body with an example, which a test sends to the running API."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class Body(BaseModel):
    """A JSON object that a request sends."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        """Refuses text that PostgreSQL cannot store, in any field."""
        _check_texts(value)
        return value
