"""Instants, money, durations and spaces as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.money import Money
from jalon.integrations.mail.formats import LANGUAGES, formats
from jalon.integrations.mail.parts import one_line
from jalon.integrations.mail.typography import typeset

MICROSECOND = timedelta(microseconds=1)
FR, EN = formats("fr", "Europe/Paris"), formats("en", "Europe/Paris")
ACTIVATION_CLOSES = datetime(2026, 4, 15, 22, 0, tzinfo=UTC)
INVITATION_CLOSES = datetime(2026, 3, 30, 11, 0, tzinfo=UTC)


@pytest.mark.rule("G1", "P5")
@pytest.mark.parametrize(
    ("moved", "shown"),
    [
        (-MICROSECOND, "Wednesday 15 April 2026, 23:59"),
        (timedelta(0), "Wednesday 15 April 2026, 23:59"),
        (MICROSECOND, "Thursday 16 April 2026, 00:00"),
    ],
)
def test_a_deadline_shows_its_last_open_minute(moved: timedelta, shown: str) -> None:
    assert EN.until(ACTIVATION_CLOSES + moved) == shown


@pytest.mark.rule("G2", "T2")
def test_seventy_two_hours_over_the_clock_change_show_the_wall_time() -> None:
    assert EN.until(INVITATION_CLOSES) == "Monday 30 March 2026, 12:59"
    assert FR.until(INVITATION_CLOSES) == "lundi 30\u00a0mars 2026 à\u00a012:59"


def test_a_deadline_over_the_october_change_stays_on_its_day() -> None:
    assert FR.until(datetime(2026, 10, 25, 23, 0, tzinfo=UTC)) == "dimanche 25\u00a0octobre 2026 à\u00a023:59"
    assert FR.through(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)) == "31\u00a0décembre 2026"


def test_the_first_of_a_month_is_an_ordinal_in_french_alone() -> None:
    first = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert FR.day(first) == "1er\u00a0janvier 2027"
    assert FR.moment(first) == "1er\u00a0janvier 2027 à\u00a000:00"
    assert EN.day(first) == "1 January 2027"


@pytest.mark.parametrize(
    ("amount", "currency", "french", "english"),
    [
        ("1200.00", "EUR", "1\u202f200,00\u00a0€", "€1,200.00"),
        ("1234567.89", "EUR", "1\u202f234\u202f567,89\u00a0€", "€1,234,567.89"),
        ("24.95", "USD", "24,95\u00a0$US", "US$24.95"),
        ("12", "TND", "12,000\u00a0TND", "TND12.000"),
        ("-3.5", "EUR", "-3,50\u00a0€", "-€3.50"),
        ("1234.5", "RSD", "1\u202f234,50\u00a0RSD", "RSD1,234.50"),
        ("0.125", "IQD", "0,125\u00a0IQD", "IQD0.125"),
        ("1200", "JPY", "1\u202f200\u00a0JPY", "JP¥1,200"),
    ],
)
def test_money(amount: str, currency: str, french: str, english: str) -> None:
    money = Money(Decimal(amount), currency)
    assert FR.money(money) == french
    assert EN.money(money).replace("\u00a0", "") == english


@pytest.mark.parametrize("currency", sorted(each.alpha_3 for each in pycountry.currencies))
def test_every_minor_unit_that_is_charged_is_shown(currency: str) -> None:
    money = Money.rounded(Decimal("1234.5678"), currency)
    for shown in (FR.money(money), EN.money(money)):
        assert "".join(letter for letter in shown if letter.isdigit()) == str(money.amount).replace(".", "")


@pytest.mark.parametrize(
    ("text", "french", "english"),
    [
        ("P90D", "90 jours", "90 days"),
        ("P1D", "1 jour", "1 day"),
        ("2BD", "2 jours ouvrés", "2 business days"),
        ("PT72H", "72 heures", "72 hours"),
        ("PT90M", "90 minutes", "90 minutes"),
        ("PT20S", "20 secondes", "20 seconds"),
        ("P1Y", "1 an", "1 year"),
        ("P3M", "3 mois", "3 months"),
        ("P2W", "14 jours", "14 days"),
    ],
)
def test_durations(text: str, french: str, english: str) -> None:
    assert FR.duration(text).replace("\u00a0", " ") == french
    assert EN.duration(text).replace("\u00a0", " ") == english


def test_counts_agree_with_their_noun() -> None:
    assert [FR.count(n, "licence", "licences") for n in (0, 1, 2)] == [
        "0\u00a0licence", "1\u00a0licence", "2\u00a0licences",
    ]  # fmt: skip
    assert [EN.count(n, "licence", "licences") for n in (0, 1, 2)] == [
        "0 licences",
        "1 licence",
        "2 licences",
    ]


def test_a_zone_has_a_name() -> None:
    assert FR.zone_name == "heure d’Europe centrale"
    assert EN.zone_name == "Central European Time"
    assert formats("fr", "UTC").zone_name == "UTC"


def test_french_spaces_and_quotes() -> None:
    assert typeset("Quoi ? « Oui » : l'eau ; non !", "fr") == (
        "Quoi\u202f? «\u00a0Oui\u00a0»\u00a0: l’eau\u202f; non\u202f!"
    )
    assert typeset('He said "yes": it\'s done', "en") == "He said “yes”: it’s done"


@given(st.text(), st.sampled_from(LANGUAGES))
def test_setting_twice_changes_nothing_more(text: str, language: str) -> None:
    assert typeset(typeset(text, language), language) == typeset(text, language)


@given(st.text())
def test_one_line_is_one_printable_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert re.sub("[\u00a0\u202f\u200c\u200d]", "", line).isprintable()
    assert one_line(line) == line


@pytest.mark.parametrize("name", ["می\u200cخواهم", "क्\u200dष"])
def test_one_line_keeps_the_joiners_of_a_name(name: str) -> None:
    assert one_line(f" {name}\u202e\u200b ") == name


def test_one_line_keeps_spaces_that_do_not_break() -> None:
    assert one_line(" a\r\n b\u00a0: \u202fc\t") == "a b\u00a0: \u202fc"
