"""The similarity of names: variants that must match a party, and names that must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.integrations.screening.names import similarity, words

REVIEWED_FROM = 0.70


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KOVALENKO, Oleg", "Oleg Kovalenko"),
        ("Oleg Kovalenko", "Oleh Kovalenko"),
        ("Oleg Kovalenko", "Oleg Petrovich Kovalenko"),
        ("Oleg Kovalenko", "O. Kovalenko"),
        ("Oleg Kovalenko", "Олег Коваленко"),
        ("Oleg Kovalenko", "OLEG\u200b KOVALENKO"),
        ("Giorgi Beridze", "ᲒᲘᲝᲠᲒᲘ ᲑᲔᲠᲘᲫᲔ"),
        ("Oleg Kovalenko", "ＯＬＥＧ ＫＯＶＡＬＥＮＫＯ"),
        ("Oleg Kovalenko", "OlegKovalenko"),
        ("Oleg Kovalenko", "Oleg Kova lenko"),
        ("Usama bin Karim", "Osama ibn Karim"),
        ("Zavod Stal OAO", "Zavod Stal JSC"),
        ("OBSHCHESTVO S OGRANICHENNOI OTVETSTVENNOSTYU 'STALPROM'", "Stalprom LLC"),
        ("A.B.C. Trading Co., Ltd.", "ABC Trading"),
        ("First Brigade", "1st Brigade"),
        ("Dr. Anna Weiß", "Anna Weiss"),
        ("Banque du Léman S.A.", "Banque du Leman"),
    ],
)
def test_the_same_party_is_found(one: str, other: str) -> None:
    assert similarity(one, other) >= REVIEWED_FROM


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Oleg Kovalenko", "Oleg Marchenko"),
        ("Oleg Kovalenko", "Irina Kovalenko"),
        ("Delta Surveying Ltd", "Omega Surveying Ltd"),
        ("Brigade 44", "Brigade 45"),
        ("Hans Müller", "H. M. M."),
        ("Viaduc Études SAS", "Stalprom SAS"),
        ("Limited", "Company"),
        ("", "Oleg Kovalenko"),
        ("!!!", "???"),
    ],
)
def test_someone_else_is_left_alone(one: str, other: str) -> None:
    assert similarity(one, other) < REVIEWED_FROM


def test_a_legal_form_or_title_stays_when_there_is_nothing_else() -> None:
    assert words("Limited") == ("limited",)
    assert words("Dr.") == ("dr",)


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_within_0_and_1(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, other) == pytest.approx(similarity(other, one))


@given(st.text(max_size=40))
def test_a_name_that_can_be_read_is_like_itself(name: str) -> None:
    assert similarity(name, name) == (1.0 if words(name) else 0.0)
