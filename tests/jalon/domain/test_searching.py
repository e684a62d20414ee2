"""How people type what they look for, and how it is stored, come to the same text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.searching import TYPO_FROM, SearchField, SearchKey, fold, neighbours, person_keys

SOFT = "abcdefghijklmnopqrstuvwxyz0123456789@"
TYPED = st.text(alphabet=SOFT, min_size=TYPO_FROM, max_size=16)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("  Zéphyrine  QUATREBARBES ", "zephyrinequatrebarbes"),
        ("#FAS-2026-004711", "fas2026004711"),
        ("fas 2026 00 47 11", "fas2026004711"),
        ("Ada.Lovelace@Example.com", "adalovelace@examplecom"),
        ("@example.com", "examplecom"),
        ("Straße Øst Łódź Œuvre", "strasseostlodzoeuvre"),
        ("O’Neil & Fils", "oneilfils"),
        ("Пётр Ильи́ч", "петрильич"),
        ("a\u200bda", "ada"),
        ("%_", ""),
        ("#", ""),
    ],
)
def test_what_people_add_or_leave_out_does_not_count(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text(max_size=40))
def test_a_folded_text_stays_as_it_is(typed: str) -> None:
    folded = fold(typed)
    assert fold(folded) == folded
    assert all(letter.isalnum() or letter == "@" for letter in folded)
    assert fold(f" #{typed.upper()} ") in {folded, fold(typed.upper())}


@given(st.text(alphabet="aàâbcçdeéèfgßøœ", max_size=20), st.lists(st.integers(0, 20), max_size=4))
def test_blanks_and_hyphens_do_not_count_wherever_they_stand(typed: str, places: list[int]) -> None:
    spaced = typed
    for place in places:
        spaced = spaced[:place] + "- #"[place % 3] + spaced[place:]
    assert fold(spaced.upper()) == fold(typed)


@given(TYPED, st.data())
def test_one_typo_is_among_the_neighbours(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(SOFT))
    swapped = text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]
    around = set(neighbours(text))
    for typed in (text[:place] + text[place + 1 :], text[:place] + letter + text[place:],
                  text[:place] + letter + text[place + 1 :], swapped):  # fmt: skip
        assert typed == text or typed in around
    assert text not in around
    assert all(abs(len(each) - len(text)) <= 1 for each in around)


@given(TYPED)
def test_the_neighbours_are_bounded(text: str) -> None:
    assert len(neighbours(text)) <= (2 * len(text) + 1) * len(SOFT) + 2 * len(text) + 2


@pytest.mark.parametrize("text", ["abc", "", "a" * 65])
def test_what_is_too_short_or_too_long_has_no_neighbours(text: str) -> None:
    assert neighbours(text) == ()


def test_a_person_is_found_by_all_of_a_field_and_by_each_word_and_rest() -> None:
    found = person_keys(email="Ana.M@acme.example", name="Ana-Lou Martin", company="Lefèvre")
    name, email, company = SearchField.NAME, SearchField.EMAIL, SearchField.COMPANY
    assert set(found) == {
        SearchKey(email, "anam@acmeexample", whole=True), SearchKey(email, "anam", whole=False),
        SearchKey(email, "acmeexample", whole=False), SearchKey(company, "lefevre", whole=True),
        SearchKey(name, "analoumartin", whole=True), SearchKey(name, "ana", whole=False),
        SearchKey(name, "loumartin", whole=False), SearchKey(name, "lou", whole=False),
        SearchKey(name, "martin", whole=False), SearchKey(name, "martinanalou", whole=False),
    }  # fmt: skip


@given(st.text(max_size=60), st.text(max_size=200))
def test_a_person_has_no_text_without_letters_and_few_of_a_long_name(name: str, company: str) -> None:
    found = person_keys(email=None, name=name, company=company)
    assert all(each.key for each in found)
    assert len(found) == len(set(found)) <= 40
    whole = {each.key for each in found if each.whole}
    assert {fold(name), fold(company)} - {""} <= whole | {
        fold(name).replace("@", ""),
        fold(company).replace("@", ""),
    }
