"""Texts of people: what a name may hold, and when two names are one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.texts import (
    fault_in,
    has_letter,
    is_reserved,
    read_line,
    read_name,
    read_person,
    same_name,
)
from jalon.inbox.notices import MAIL_SERVER
from jalon.persistence.operations.keys import COMMAND_LINE

INVISIBLE = "\u200b\u200d\u2060\ufeff\u00ad"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", INVISIBLE, "\u3164\u115f", "\u2800\u2800", "\u00a0\u034f", "\U0001d159",
        "a\x00b", "a\nb", "a\x85b", "a\x9fb", "a\u2028b", "\u202eana", "\u2066ana", "\ud800",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_no_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|holds) "):
        read_line(text)


@pytest.mark.parametrize(
    "name", ["Ana Lefèvre", "3M", "O'Neil-Núñez", "نام\u200cخانوادگی", "क्\u200dष", "李", "Ω"]
)
def test_a_name_stays_as_it_was_written(name: str) -> None:
    assert read_name(f" {name} ") == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("text", ["...", "—", "!?", "()"])
def test_a_name_without_a_letter_or_digit_is_none(text: str) -> None:
    assert read_line(text) == text
    with pytest.raises(ValueError, match="holds no letter"):
        read_name(text)


@pytest.mark.parametrize(
    "name",
    ["system", "System ", "COMMAND\u00a0LINE", "sys\u200btem", "entity", "Mail Server", "Provider:sandbox"],
)
def test_nobody_is_called_as_jalon_itself(name: str) -> None:
    with pytest.raises(ValueError, match="Jalon itself"):
        read_person(name)


@pytest.mark.parametrize(
    "other",
    [
        "Bob Reviewer ",
        "bob reviewer",
        "BOB  REVIEWER",
        "Bob\u200b Reviewer",
        "Bob\u00a0Reviewer",
        "Ｂｏｂ Reviewer",
        "Bob\u2800 Reviewer",
    ],
)
def test_two_spellings_are_one_name(other: str) -> None:
    assert same_name(other) == same_name("Bob Reviewer")


UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180f\u200b\u200d\u2064\u2800\u3164\ufe0f\ufeff\uffa0\U000e0001\U000e01ef"


@given(st.text("José Ångström ﬁ가e\u0301\u0323", max_size=12), st.data())
def test_what_nobody_sees_makes_no_second_person(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name)))
    for form in ("NFC", "NFD"):
        spelled = unicodedata.normalize(form, name)
        slipped_in = spelled[:at] + data.draw(st.sampled_from(UNSEEN)) + spelled[at:]
        assert same_name(slipped_in) == same_name(name)
        assert same_name(f"{slipped_in}\ufe0f") == same_name(name)


def test_an_accent_behind_a_joiner_is_the_accent_of_its_letter() -> None:
    assert same_name("Jose\u200d\u0301") == same_name("José")


def test_every_name_under_which_the_system_acts_is_reserved() -> None:
    acting = (MAIL_SERVER, COMMAND_LINE, "system", "provider:sandbox")
    assert [name for name in acting if not is_reserved(name)] == []


def test_two_people_are_two_names() -> None:
    assert same_name("Bob Reviewer") != same_name("Rob Reviewer")


@given(st.text())
def test_a_line_that_was_read_is_sound_and_reads_the_same_again(text: str) -> None:
    try:
        line = read_line(text)
    except ValueError:
        return
    assert fault_in(line) is None
    assert read_line(line) == line


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert same_name(same_name(text)) == same_name(text)


def test_a_filler_is_no_letter() -> None:
    assert not has_letter("\u3164")
    assert has_letter("é")
