"""The end-use certificate: every violation is reported at once, and valid answers read back unchanged."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.compliance.certificates import QUESTIONS, Certificate, cards_told, validate
from jalon.domain.compliance.countries import COUNTRIES

ANSWERS: dict[str, Any] = {
    "text_version": "euc-v1",
    "legal_name": "Viaduc Études SAS",
    "role": "end_user",
    "sector": "Civil engineering",
    "site_of_use": "12 quai des Ponts, 69002 Lyon",
    "country_of_use": "FR",
    "end_use": "Designing steel footbridges for towns of the Rhône valley",
    "nuclear": False,
    "missile": False,
    "chemical_biological": False,
    "weapons_development": False,
    "military_or_police": False,
    "space": False,
    "semiconductor": False,
    "state_owned": False,
    "reexport_intended": False,
    "no_forbidden_use": True,
    "no_diversion": True,
    "report_changes": True,
    "signatory_name": "Camille Arnaud",
    "signatory_title": "Director",
    "signatory_authority": True,
}


def found(**changes: object) -> set[tuple[str, str, str | None]]:
    answers = {key: value for key, value in {**ANSWERS, **changes}.items() if value is not ...}
    return {(violation.pointer, violation.code, violation.rule) for violation in validate(answers)}


@pytest.mark.rule("T5")
def test_good_answers_make_a_certificate_that_reads_back() -> None:
    answers = {
        **ANSWERS,
        "majority_owners": ["Ponts Holding SA"],
        "end_user": None,
        "legal_name": " Viaduc  Études SAS ",
    }
    certificate = Certificate.from_answers(answers)
    assert isinstance(certificate, Certificate)
    assert certificate.legal_name == "Viaduc Études SAS"
    assert certificate.parties == ("Viaduc Études SAS", "Ponts Holding SA", "Camille Arnaud")
    assert certificate.destinations == ("FR",)
    assert Certificate.from_answers(json.loads(json.dumps(asdict(certificate)))) == certificate


@pytest.mark.rule("T5")
def test_every_place_and_party_is_named_once() -> None:
    certificate = Certificate.from_answers(
        {
            **ANSWERS,
            "role": "reseller",
            "end_user": "Camille Arnaud",
            "end_user_country": "BE",
            "access_countries": ["FR", "CH"],
        }
    )
    assert isinstance(certificate, Certificate)
    assert certificate.parties == ("Viaduc Études SAS", "Camille Arnaud")
    assert certificate.destinations == ("FR", "BE", "CH")


@pytest.mark.rule("T5", "T6")
def test_all_that_is_wrong_is_said_at_once() -> None:
    assert found(
        legal_name="",
        role="spy",
        country_of_use="XX",
        end_use="For research purposes, and for general business purposes only",
        nuclear="no",
        no_diversion=False,
        majority_owners="Ponts Holding SA",
        signatory_title=...,
        shoe_size=42,
    ) == {
        ("/answers/legal_name", "answer_missing", "T5"),
        ("/answers/role", "answer_invalid", "T5"),
        ("/answers/country_of_use", "answer_invalid", "T5"),
        ("/answers/end_use", "end_use_vague", "T5"),
        ("/answers/nuclear", "answer_invalid", "T6"),
        ("/answers/no_diversion", "undertaking_refused", "T6"),
        ("/answers/majority_owners", "answer_invalid", "T5"),
        ("/answers/signatory_title", "answer_missing", "T5"),
        ("/answers/shoe_size", "answer_unknown", "T5"),
    }


@pytest.mark.rule("T5")
@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"role": "integrator"}, "/answers/end_user", "answers_contradict"),
        ({"end_user": "Pont & Cie"}, "/answers/end_user_country", "answers_contradict"),
        ({"region_of_use": "UA-43"}, "/answers/region_of_use", "answers_contradict"),
        ({"region_of_use": "Rhône"}, "/answers/region_of_use", "answer_invalid"),
        ({"country_of_use": "UA", "region_of_use": "UA-99"}, "/answers/region_of_use", "answer_invalid"),
        ({"country_of_use": "UA", "region_of_use": "UA-043"}, "/answers/region_of_use", "answer_invalid"),
        ({"text_version": "euc-v0"}, "/answers/text_version", "answer_invalid"),
        ({"end_use": "Bridges and more bridges"}, "/answers/end_use", "answer_invalid"),
        ({"access_countries": ["FR", ["KP"]]}, "/answers/access_countries", "answer_invalid"),
        ({"majority_owners": ["X"]}, "/answers/majority_owners", "answer_invalid"),
        ({"majority_owners": ["\u200b\u200b"]}, "/answers/majority_owners", "answer_invalid"),
        ({"signatory_name": "\u200b\u200b"}, "/answers/signatory_name", "answer_invalid"),
        ({"signatory_name": "\u3164\u3164"}, "/answers/signatory_name", "answer_invalid"),
        ({"signatory_name": "Ada\u202eMartin"}, "/answers/signatory_name", "answer_invalid"),
        ({"signatory_title": "\x1b[31mDirector"}, "/answers/signatory_title", "answer_invalid"),
        ({"legal_name": 7}, "/answers/legal_name", "answer_invalid"),
        ({"legal_name": "Bureau\x00Martin"}, "/answers/legal_name", "answer_invalid"),
        ({"site_of_use": "12 quai\x9bPerrache"}, "/answers/site_of_use", "answer_invalid"),
        ({"a/b~c": 1}, "/answers/a~1b~0c", "answer_unknown"),
    ],
)
def test_each_fault_has_its_place(changes: dict[str, object], pointer: str, code: str) -> None:
    assert (pointer, code) in {(place, name) for place, name, _ in found(**changes)}


@pytest.mark.rule("T5", "T6")
def test_no_answers_at_all_miss_every_required_question() -> None:
    assert [v.pointer for v in validate({})] == [f"/answers/{q.key}" for q in QUESTIONS if q.required]
    assert [v.pointer for v in validate(None)] == ["/answers"]


@pytest.mark.rule("T6")
@pytest.mark.parametrize("key", [q.key for q in QUESTIONS if q.kind == "undertaking"])
@pytest.mark.parametrize("answer", [False, "true", 1])
def test_an_undertaking_is_given_by_true_alone(key: str, answer: object) -> None:
    assert found(**{key: answer}) == {(f"/answers/{key}", "undertaking_refused", "T6")}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4))
def test_any_json_value_is_answered_with_violations_or_a_certificate(value: object) -> None:
    for question in QUESTIONS:
        answers = {**ANSWERS, question.key: value}
        assert isinstance(Certificate.from_answers(answers), Certificate) or validate(answers)


def test_each_question_is_a_field() -> None:
    assert {question.key for question in QUESTIONS} == {field.name for field in fields(Certificate)}


def test_countries_are_those_of_iso_3166_and_kosovo() -> None:
    assert {country.alpha_2 for country in pycountry.countries} | {"XK"} == COUNTRIES


CARD = "4242 4242 4242 4242"


@pytest.mark.rule("T5")
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("end_use", f"We build bridges, and pay with {CARD} as always"),
        ("majority_owners", ["Ponts Holding", CARD]),
    ],
)
def test_the_number_of_a_card_is_no_answer_and_not_kept(question: str, answer: object) -> None:
    assert found(**{question: answer}) == {(f"/answers/{question}", "answer_invalid", "T5")}
    (told,) = cards_told({**ANSWERS, question: answer})
    assert "leave out the number of the card" in told.message


@pytest.mark.rule("T5")
def test_the_number_of_a_company_may_look_like_that_of_a_card() -> None:
    assert found(registration_number="36008063608377") == set()
    assert cards_told({**ANSWERS, "registration_number": "36008063608377"}) == []
