"""The end-use questionnaire as a form: every question once, and answers as they were meant."""

from __future__ import annotations

import tomllib
from itertools import chain
from pathlib import Path

import pytest

from api.web.orders.questionnaire import LONGEST, SECTIONS, WAITING, answers_of, countries, fields_of
from jalon.domain.compliance.certificates import QUESTIONS, TEXT_AT_MOST, validate
from jalon.domain.compliance.countries import COUNTRIES
from jalon.integrations.mail.formats import LANGUAGES, Language
from jalon.rehearsal.sim.end_use import ANSWERS
from tests.api.web.orders.certificates import TYPED

WORDS = Path(__file__).resolve().parents[4] / "templates" / "translations"


@pytest.mark.rule("T5")
def test_every_question_is_asked_once_in_its_order_and_in_every_language() -> None:
    keys = [question.key for question in QUESTIONS]
    assert ["text_version", *chain(*SECTIONS.values())] == keys
    for language in LANGUAGES:
        spoken = tomllib.loads((WORDS / f"{language}.toml").read_text("utf-8"))
        assert list(spoken["certificate_questions"]) == keys[1:]
        assert spoken["certificate_sections"].keys() == SECTIONS.keys()
        choices = chain(*(each.choices for each in QUESTIONS[1:]))
        assert set(choices) == set(spoken["certificate_choices"])


def test_what_was_typed_is_what_the_api_takes() -> None:
    assert answers_of(TYPED) == ANSWERS
    typed = {
        "majority_owners": " Ana  Lefèvre\r\n\r\nBob Hill ",
        "region_of_use": " ua-30 ",
        "nuclear": "perhaps",
        "space": "no",
    }
    assert answers_of(typed) == {
        "majority_owners": ["Ana Lefèvre", "Bob Hill"], "region_of_use": "UA-30", "space": False,
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_country_is_known_by_its_name_in_each_language_however_it_is_spelt(language: Language) -> None:
    named = countries(language)
    assert {code for code, _ in named} == COUNTRIES
    for code, name in named:
        for spelt in (name, name.upper(), f" {name} ", code.lower()):
            assert answers_of({"access_countries": spelt}) == {"access_countries": [code]}, name


def test_each_way_to_be_wrong_has_words() -> None:
    spoken = tomllib.loads((WORDS / "fr.toml").read_text("utf-8"))["certificate_problems"]
    keys = list(chain(*SECTIONS.values()))
    bad = dict.fromkeys(keys, "?") | {
        "role": "reseller",
        "end_user": "Lyon",
        "access_countries": "Atlantis",
    }
    for typed in ({}, bad, {"role": "integrator", "country_of_use": "FR", "region_of_use": "UA-30"}):
        for field in fields_of(keys, typed, validate(answers_of(typed))):
            assert not field.problem or field.problem in spoken, field.problem


@pytest.mark.rule("T5")
def test_no_question_that_may_be_out_of_sight_has_to_be_answered() -> None:
    asked = {question.key: question for question in QUESTIONS}
    assert not any(asked[key].required for key in WAITING)


def test_no_field_takes_more_than_its_answer_may_have() -> None:
    assert max(LONGEST.values()) <= TEXT_AT_MOST
