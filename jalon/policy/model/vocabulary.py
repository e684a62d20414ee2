"""The values that a store file may use: durations, codes, texts, prices and closed lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

import holidays
import pycountry
from pydantic import AfterValidator

from jalon.domain.calendar.durations import Duration
from jalon.domain.compliance.regions import REGIONS
from jalon.domain.terms import ActivationStep
from jalon.domain.texts import fault_in, read_line
from jalon.policy.suggestions import nearest

ANY = "*"
Language = Literal["fr", "en"]
LicenceKind = Literal["individual", "floating"]
PaymentKind = Literal["card"]
Step = ActivationStep
SoftwareClass = Literal[
    "ERP", "CRM", "BI", "SCM", "EDW", "CMMS", "project_management", "PLM", "BIM", "CAD", "CAM", "ETO",
    "GIS", "GNSS", "FEA", "other",
]  # fmt: skip

_VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*.]{2,13}")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,79}")
_PRICE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
_NO_MONEY = frozenset(
    {"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"}
)
"""Codes of ISO 4217 for metals, units of account, tests and no currency at all."""
_NO_PLACE = frozenset({"Factory", "localtime"})
"""Names of zones that stand for no place, or for another one on each machine."""


def _duration(text: str) -> str:
    Duration.parse(text)
    return text


def _window(text: str) -> str:
    if Duration.parse(text) == Duration("seconds", 0):
        raise ValueError(f'"{text}" is over when it begins: write a longer time')
    return text


def _line(text: str) -> str:
    try:
        return read_line(text)
    except ValueError as wrong:
        raise ValueError(f'"{text}" {wrong}') from None


def _lines(text: str) -> str:
    for line in text.split("\n"):
        fault = fault_in(line.replace("\t", " "))
        if fault is not None:
            raise ValueError(fault)
    return text


def _term(text: str) -> str:
    length = Duration.parse(text)
    if not length.count or length.unit == "business_days":
        raise ValueError(f'"{text}" cannot be the length of a term: write it in months, days or elapsed time')
    return text


def is_term(text: str) -> bool:
    """Whether a text can be the length of a term."""
    try:
        _term(text)
    except ValueError:
        return False
    return True


def _news_window(text: str) -> str:
    if Duration.parse(text).unit == "months":
        raise ValueError(
            f'"{text}" cannot be stopped while waiting: write it in days, business days or hours'
        )
    return _window(text)


def is_country(code: str) -> bool:
    """Whether `code` is an ISO 3166-1 alpha-2 code, in capitals."""
    return code in _countries()


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 code, in capitals."""
    return code in _currencies()


def _country(code: str) -> str:
    if not is_country(code):
        raise ValueError(f'"{code}" is not a country: write its ISO 3166-1 code of two capitals, as in "FR"')
    return code


def _or_any(reading: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(lambda text: text if text == ANY else reading(text))


def _region(code: str) -> str:
    if code not in REGIONS:
        raise ValueError(f'"{code}" is not a region: write its ISO 3166-2 code, as in "UA-43"')
    return code


def _currency(code: str) -> str:
    if not is_currency(code):
        raise ValueError(
            f'"{code}" is not a currency: write its ISO 4217 code of three capitals, as in "EUR"'
        )
    return code


def _zone(name: str) -> str:
    if name not in _zones():
        hint = nearest(name, sorted(_zones()))
        raise ValueError(f'"{name}" is not a time zone of the IANA list, as "Europe/Paris" is{hint}')
    return name


def _business_calendar(code: str) -> str:
    country, _, region = code.partition("-")
    known = _holiday_calendars()
    if country not in known or (region and region not in known[country]):
        raise ValueError(
            f'"{code}" is not a holiday calendar: write a country, "FR", or one of its regions, "CA-QC"'
        )
    return code


def _price(text: str) -> str:
    if not _PRICE.fullmatch(text):
        raise ValueError(
            f'"{text}" is not a price: write at most 12 digits, a point and decimals, as in "1200.00"'
        )
    return text


def _vat_id(text: str) -> str:
    if not _VAT_ID.fullmatch(text):
        raise ValueError(
            f'"{text}" is not a VAT number: write the country\'s code and the number, as in "FR40123456782"'
        )
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(
            f'"{text}" is not a name: write small letters, digits, - and _, a letter first, 80 at most'
        )
    return text


def fault_in_name(text: str) -> str | None:
    """What is wrong with a name of the file's own making; None where nothing is."""
    try:
        _name(text)
    except ValueError as wrong:
        return str(wrong)
    return None


def _all_different(values: tuple[str, ...]) -> tuple[str, ...]:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} is written more than once")
    return values


def _all_times_different(noun: str) -> AfterValidator:
    def read(times: tuple[str, ...]) -> tuple[str, ...]:
        first: dict[Duration, int] = {}
        for position, time in enumerate(times):
            same = first.setdefault(Duration.parse(time), position)
            if same != position:
                raise ValueError(f'"{times[same]}" and "{time}" are one {noun}: write it once')
        return times

    return AfterValidator(read)


@cache
def _countries() -> frozenset[str]:
    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def _currencies() -> frozenset[str]:
    return frozenset(currency.alpha_3 for currency in pycountry.currencies) - _NO_MONEY


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACE


@cache
def _holiday_calendars() -> dict[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=False)


AllDifferent = AfterValidator(_all_different)
AllTermsDifferent = _all_times_different("term")
AllTimesDifferent = _all_times_different("time")
DurationText = Annotated[str, AfterValidator(_duration)]
WindowText = Annotated[str, AfterValidator(_window)]
LineText = Annotated[str, AfterValidator(_line)]
LinesText = Annotated[str, AfterValidator(_lines)]
TermText = Annotated[str, AfterValidator(_term)]
NewsWindow = Annotated[str, AfterValidator(_news_window)]
CountryCode = Annotated[str, AfterValidator(_country)]
CountryOrAny = Annotated[str, _or_any(_country)]
RegionCode = Annotated[str, AfterValidator(_region)]
CurrencyCode = Annotated[str, AfterValidator(_currency)]
ZoneName = Annotated[str, AfterValidator(_zone)]
HolidayCalendar = Annotated[str, AfterValidator(_business_calendar)]
VatId = Annotated[str, AfterValidator(_vat_id)]
PriceText = Annotated[str, AfterValidator(_price)]
Name = Annotated[str, AfterValidator(_name)]
TermOrAny = Annotated[str, _or_any(_term)]
CurrencyOrAny = Annotated[str, _or_any(_currency)]
NameOrAny = Annotated[str, _or_any(_name)]
