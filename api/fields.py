"""The base of every body: unknown keys are refused, no value is converted, and texts contain no control characters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from api.http.json_bodies import UNSTORABLE_NAME, is_unstorable
from api.http.validation import INSTANT_FORM
from jalon.addresses import read_address
from jalon.domain.calendar.calendars import within_reach
from jalon.domain.cards import holds_card, looks_like_card
from jalon.domain.texts import read_line, read_name

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_DEPTH_AT_MOST = 12
_TOLD_AT_MOST = 20


def _no_card_number(token: str) -> str:
    if looks_like_card(token):
        raise ValueError(
            "this looks like a card number: send the token that the payment provider gave for it"
        )
    return token


def _instant_text(value: Any) -> Any:
    if isinstance(value, str) and _INSTANT.match(value):
        return value
    raise ValueError(INSTANT_FORM)


def without_card(text: str) -> str:
    """The text; ValueError where it holds the number of a card."""
    if holds_card(text):
        raise ValueError("holds the number of a card: leave it out, Jalon stores none")
    return text


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a text: a pattern for the OpenAPI document, and words for people whose text has another form."""

    pattern: str
    says: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Checks the whole text."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Documents the pattern."""
        return {**handler(schema), "pattern": f"^{self.pattern}$"}

    def _check(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.says)
        return text


Line = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(read_line), AfterValidator(without_card)
]
"""One line of text in which something can be seen, in NFC, and no number of a card."""
Name = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(read_name), AfterValidator(without_card)
]
"""The name of a person, company or system, with a letter or digit."""

Reason = Annotated[
    str, Field(min_length=1, max_length=1000), AfterValidator(read_line), AfterValidator(without_card)
]
PurchaseOrderNumber = Line
EmailAddress = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}, examples=["ada@example.com"]),
    AfterValidator(read_address),
]
Code = Annotated[
    str, Field(min_length=1, max_length=80), Form(r"[^\s\x00-\x1f\x7f]+", "is written without blanks")
]
Sha256 = Annotated[str, Form(r"[0-9a-f]{64}", "is a SHA-256 in hexadecimal: 64 digits of 0 to 9 and a to f")]
Token = Annotated[
    str,
    Field(min_length=1, max_length=255),
    Form(r"[!-~]+", "is the payment provider's token: visible ASCII characters without blanks"),
    AfterValidator(_no_card_number),
]
StoreId = Annotated[
    str,
    Field(min_length=1, max_length=80),
    Form(r"[a-z][a-z0-9_-]*", "is the id of a store: small letters, digits, - and _"),
]
Id = Annotated[
    str,
    Field(min_length=1, max_length=60),
    Form(r"[a-z0-9_]+", "is an id as Jalon writes it: small letters, digits and _"),
]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant_text),
    AfterValidator(within_reach),
    Field(strict=False, examples=["2026-01-15T10:30:00+01:00"]),
]
LanguageCode = Literal["fr", "en"]


def _misfits(value: Any, *place: str | int) -> Iterator[InitErrorDetails]:
    """What PostgreSQL cannot store, each at its place; what is in a name, or nested too deeply, at the object around it."""
    if len(place) > _DEPTH_AT_MOST:
        yield _misfit(value, f"is nested deeper than {_DEPTH_AT_MOST} levels", *place[:1])
    elif isinstance(value, str) and is_unstorable(value):
        yield _misfit(value, "holds a NUL or half a surrogate pair", *place)
    elif isinstance(value, Mapping):
        if any(isinstance(key, str) and is_unstorable(key) for key in value):
            yield _misfit(value, UNSTORABLE_NAME, *place)
        else:
            for key, entry in value.items():
                yield from _misfits(entry, *place, key)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _misfits(entry, *place, number)


def _misfit(value: Any, says: str, *place: str | int) -> InitErrorDetails:
    return {"type": PydanticCustomError("unstorable", "{says}", {"says": says}), "loc": place, "input": value}


def example(**body: Any) -> ConfigDict:
    """The configuration of a body with an example, which a test sends to the running API."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class Body(BaseModel):
    """A JSON object that a request sends."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        """Refuses text that PostgreSQL cannot store, in any field, with a pointer to it."""
        misfits = list(islice(_misfits(value), _TOLD_AT_MOST))
        if misfits:
            raise ValidationError.from_exception_data(cls.__name__, misfits)
        return value
