"""The end-use questionnaire as a form: what was typed becomes answers, and what is wrong with them is told beside its field (T5, T6)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jalon.domain.cards import holds_card
from jalon.domain.compliance.certificates import QUESTIONS, VERSION, Question
from jalon.domain.compliance.countries import COUNTRIES
from jalon.domain.error_codes import ErrorCode
from jalon.domain.violations import Violation
from jalon.integrations.mail.formats import LANGUAGES, Language, formats

VERSION_KEY = "text_version"
YES, NO = "yes", "no"
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "buyer": ("legal_name", "registration_number", "role"),
    "end_user": ("end_user", "end_user_country", "majority_owners", "sector"),
    "place": ("site_of_use", "country_of_use", "region_of_use", "access_countries"),
    "purpose": ("end_use",),
    "uses": (
        "nuclear", "missile", "chemical_biological", "weapons_development", "military_or_police", "space", "semiconductor",
        "state_owned", "reexport_intended",
    ),
    "undertakings": ("no_forbidden_use", "no_diversion", "report_changes"),
    "signature": ("signatory_name", "signatory_title", "signatory_authority"),
}  # fmt: skip
"""The questions by section, in the order in which they are asked. The version is none of them: the form itself names it."""
WAITING: Mapping[str, str] = {"end_user": "others", "end_user_country": "others", "region_of_use": "regions"}
"""The questions that another answer makes apply: that it is for others, or goes to a country of which a rule names regions."""
LONGEST: Mapping[str, int] = {
    "legal_name": 200,
    "registration_number": 100,
    "end_user": 200,
    "majority_owners": 1500,
    "sector": 200,
    "site_of_use": 500,
    "region_of_use": 10,
    "access_countries": 1200,
    "end_use": 2000,
    "signatory_name": 200,
    "signatory_title": 200,
}
"""How many letters a field takes. With each of them filled to its end in any script, the form is shorter than a request may be."""
ON_LINES = frozenset({"majority_owners", "access_countries", "site_of_use", "end_use"})
"""The fields that have several lines."""
_ASKED = {question.key: question for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class Field:
    """One question with what was typed. `problem` names the sentence that says what is wrong, of which `detail` is a part."""

    question: Question
    typed: str = ""
    problem: str = ""
    detail: str = ""

    @property
    def longest(self) -> int:
        """How many letters it takes."""
        return LONGEST.get(self.question.key, 0)

    @property
    def waits_for(self) -> str:
        """By what other answer it applies; empty where it always does."""
        return WAITING.get(self.question.key, "")

    @property
    def has_lines(self) -> bool:
        """Whether it has several lines."""
        return self.question.key in ON_LINES


def typed_in(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, of the fields of a form that was sent. Fields of other names are left out."""
    return {key: form[key] for key in _ASKED if form.get(key, "").strip()}


def without_undertakings(typed: Mapping[str, str]) -> dict[str, str]:
    """What may be shown again once it was sent: undertakings are given anew each time (X19)."""
    return {key: text for key, text in typed.items() if _ASKED[key].kind != "undertaking"}


def answers_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """The answers as the API takes them. What cannot be one stays as it was typed, so that it is refused by name."""
    found = {key: _answer(_ASKED[key], text) for key, text in typed.items()}
    return {key: answer for key, answer in found.items() if answer is not None}


def _answer(question: Question, text: str) -> Any:
    match question.kind:
        case "yes_no":
            return {YES: True, NO: False}.get(text)
        case "undertaking":
            return True if text == YES else None
        case "region":
            return text.strip().upper()
        case "countries":
            return [_code(line) or line for line in _lines(text)]
        case "names":
            return _lines(text)
    return text.strip()


def _lines(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := " ".join(each.split()))]


@cache
def _codes() -> dict[str, str]:
    """Country codes by their names in every language, and by themselves."""
    named = {_plain(formats(spoken, "UTC").country(code)): code for spoken in LANGUAGES for code in COUNTRIES}
    return named | {_plain(code): code for code in COUNTRIES}


def _code(line: str) -> str | None:
    return _codes().get(_plain(line))


def _plain(text: str) -> str:
    """A text without case, accents and marks, by which a country is known however it is spelt."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


@cache
def countries(language: Language) -> tuple[tuple[str, str], ...]:
    """Every country with its name, in the order of the names."""
    spoken = formats(language, "UTC")
    named = [(code, spoken.country(code)) for code in COUNTRIES]
    return tuple(sorted(named, key=lambda each: _plain(each[1])))


def fields_of(
    keys: Iterable[str], typed: Mapping[str, str], violations: Iterable[Violation] = ()
) -> tuple[Field, ...]:
    """The fields of these questions, each with its first problem."""
    wrong: dict[str, Violation] = {}
    for violation in violations:
        wrong.setdefault((violation.pointer or "").removeprefix("/answers/"), violation)
    return tuple(_field(_ASKED[key], typed.get(key, ""), wrong.get(key)) for key in keys)


def _field(question: Question, typed: str, violation: Violation | None) -> Field:
    if violation is None:
        return Field(question, typed)
    unknown = [line for line in _lines(typed) if not _code(line)] if question.kind == "countries" else []
    return Field(question, typed, _problem(question, typed, violation), ", ".join(unknown))


def _problem(question: Question, typed: str, violation: Violation) -> str:
    """The name of the sentence, in the words of the reader's language, that says what is wrong."""
    if violation.code == ErrorCode.ANSWERS_CONTRADICT:
        return f"contradicts_{question.key}"
    if violation.code == ErrorCode.END_USE_VAGUE:
        return "vague"
    missing = violation.code != ErrorCode.ANSWER_INVALID
    if not missing and holds_card(typed):
        return "holds_card"
    return f"{'missing' if missing else 'invalid'}_{question.kind}"


def is_of_this_version(typed: Mapping[str, str]) -> bool:
    """Whether the form that was sent asks the questions that are asked today."""
    return typed.get(VERSION_KEY) == VERSION
