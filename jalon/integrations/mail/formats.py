"""Formats instants, dates, money and counts in a reader's language and the store's zone."""

from __future__ import annotations

from copy import copy
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_name
from babel.units import format_unit

from jalon.domain.calendar.durations import Duration
from jalon.domain.money import Money, decimals
from jalon.integrations.mail.typography import NBSP

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")
_LOCALES: Final = {"fr": Locale.parse("fr_FR"), "en": Locale.parse("en_GB")}
_TIES: Final = {"fr": NBSP, "en": " "}
_BUSINESS_DAYS: Final = {"fr": ("jour ouvré", "jours ouvrés"), "en": ("business day", "business days")}
_CLOCK_UNITS: Final = (("hour", 3600), ("minute", 60), ("second", 1))
_AN_INSTANT = timedelta(microseconds=1)


@lru_cache(maxsize=64)
def formats(language: Language, zone: str) -> Formats:
    """The formats of a language and an IANA zone; an unknown zone raises `zoneinfo.ZoneInfoNotFoundError`."""
    return Formats(language, ZoneInfo(zone))


class Formats:
    """The formats of one language and zone. Instants passed in are aware; instants are printed in the store's zone."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language = language
        self._zone = zone
        self._locale = _LOCALES[language]

    def until(self, closes_at: datetime) -> str:
        """The last open minute before a first CLOSED instant: "Wednesday 15 April 2026, 23:59" (G1)."""
        return self.moment(closes_at - _AN_INSTANT, weekday=True)

    def through(self, closes_at: datetime) -> str:
        """The last open day before a first CLOSED instant: "31 December 2026"."""
        return self.day(closes_at - _AN_INSTANT)

    def moment(self, instant: datetime, weekday: bool = False) -> str:
        """Date and time: "15 January 2026, 10:30", « 15 janvier 2026 à 10:30 »."""
        local = instant.astimezone(self._zone)
        separator = f" à{NBSP}" if self.language == "fr" else ", "
        return f"{_date(self.language, local.date(), weekday)}{separator}{local:%H:%M}"

    def day(self, instant: datetime) -> str:
        """The local date of an instant: "1 January 2027", « 1er janvier 2027 »."""
        return _date(self.language, instant.astimezone(self._zone).date(), False)

    def money(self, amount: Money) -> str:
        """An amount: "€1,200.00", « 1 200,00 € »."""
        return _money(self.language, amount)

    def country(self, code: str) -> str:
        """A country by its ISO 3166-1 code: "Germany", « Allemagne »; the code itself where it has no name."""
        return str(self._locale.territories.get(code, code))

    def count(self, number: int, one: str, other: str) -> str:
        """A number and its noun: "3 licences".

        French ties them by a no-break space, and counts 0 in the singular.
        """
        noun = one if self._locale.plural_form(number) == "one" else other
        return f"{number}{_TIES[self.language]}{noun}"

    def duration(self, text: str) -> str:
        """A duration of the store file in words: "14 days", « 2 jours ouvrés », "1 year"."""
        return _duration(self.language, Duration.parse(text))

    @property
    def zone_name(self) -> str:
        """The zone in words: "Central European Time", « heure d’Europe centrale »."""
        return zone_name(self.language, self._zone.key)


@lru_cache(maxsize=1024)
def _date(language: Language, day: date, weekday: bool) -> str:
    locale = _LOCALES[language]
    text = str(format_date(day, f"d{_TIES[language]}MMMM y", locale=locale))
    if language == "fr" and day.day == 1:
        text = "1er" + text[1:]
    return f"{format_date(day, 'EEEE', locale=locale)} {text}" if weekday else text


@lru_cache(maxsize=1024)
def _money(language: Language, amount: Money) -> str:
    locale, digits = _LOCALES[language], decimals(amount.currency)
    pattern = copy(locale.currency_formats["standard"])
    # CLDR counts other digits than ISO 4217 for a dozen currencies; what is shown is what is charged.
    pattern.frac_prec = (digits, digits)
    return str(pattern.apply(amount.amount, locale, currency=amount.currency, currency_digits=False))


@lru_cache(maxsize=256)
def _duration(language: Language, duration: Duration) -> str:
    unit, count = duration.unit, duration.count
    if unit == "business_days":
        return formats(language, "UTC").count(count, *_BUSINESS_DAYS[language])
    sizes = {"days": (("day", 1),), "months": (("year", 12), ("month", 1))}.get(unit, _CLOCK_UNITS)
    name, size = next((name, size) for name, size in sizes if count % size == 0)
    return str(format_unit(count // size, f"duration-{name}", "long", locale=_LOCALES[language]))


@lru_cache(maxsize=256)
def zone_name(language: Language, zone: str) -> str:
    """The name of a zone; UTC is named UTC."""
    if zone in ("UTC", "Etc/UTC"):
        return "UTC"
    name = get_timezone_name(ZoneInfo(zone), width="long", zone_variant="generic", locale=_LOCALES[language])
    return str(name)
