"""The end-use certificate: questionnaire `euc-v1` as data, and its answers as a value (T5, T6).

Answers name people and companies, so a certificate is private: stored encrypted, never part of a workflow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeGuard, cast
from unicodedata import normalize

from jalon.domain.cards import holds_card
from jalon.domain.compliance.countries import COUNTRIES
from jalon.domain.compliance.regions import REGIONS
from jalon.domain.error_codes import ErrorCode
from jalon.domain.texts import fault_in, has_letter
from jalon.domain.violations import Violation

VERSION = "euc-v1"

Kind = Literal["text", "choice", "country", "region", "countries", "names", "yes_no", "undertaking"]

TEXT_AT_MOST = 2000
_WORDS_AT_LEAST = 3
LIST_AT_MOST = 50
NAME_AT_LEAST = 2


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `at_least` counts characters of a text; `on_yes` is what a yes makes of the order."""

    key: str
    kind: Kind
    asks: str
    required: bool = True
    at_least: int = 1
    choices: tuple[str, ...] = ()
    on_yes: Literal["reject", "hold"] | None = None

    @property
    def rule(self) -> str:
        """T6 for what must be excluded, T5 for who receives and what for."""
        return "T6" if self.on_yes or self.kind == "undertaking" else "T5"


QUESTIONS = (
    Question("text_version", "choice", "The version of this certificate you read", choices=(VERSION,)),
    Question("legal_name", "text", "Legal name of the buyer"),
    Question("registration_number", "text", "Company registration number, if you have one", required=False),
    Question("role", "choice", "You are the", choices=("end_user", "reseller", "integrator")),
    Question("end_user", "text", "Who will use it, if not you", required=False),
    Question("end_user_country", "country", "Country of that end user", required=False),
    Question("majority_owners", "names", "Who owns 50 % or more of the end user", required=False),
    Question("sector", "text", "Line of business of the end user", at_least=3),
    Question("site_of_use", "text", "Address where it will be used", at_least=8),
    Question("country_of_use", "country", "Country where it will be used"),
    Question("region_of_use", "region", "Region where it will be used (ISO 3166-2)", required=False),
    Question("access_countries", "countries", "Other countries it will be accessed from", required=False),
    Question("end_use", "text", "What it will be used for, in your own words", at_least=30),
    Question("nuclear", "yes_no", "Any nuclear explosive or unsafeguarded nuclear use?", on_yes="reject"),
    Question("missile", "yes_no", "Any use for missiles or armed unmanned aircraft?", on_yes="reject"),
    Question("chemical_biological", "yes_no", "Any use for chemical or biological weapons?", on_yes="reject"),
    Question("weapons_development", "yes_no", "Any use to develop or make other weapons?", on_yes="reject"),
    Question("military_or_police", "yes_no", "Any military, police or intelligence end use?", on_yes="hold"),
    Question("space", "yes_no", "Any use for launchers or spacecraft?", on_yes="hold"),
    Question("semiconductor", "yes_no", "Any use for making advanced semiconductors?", on_yes="hold"),
    Question("state_owned", "yes_no", "Is the end user owned by a government or its forces?", on_yes="hold"),
    Question("reexport_intended", "yes_no", "Will it be re-exported or passed on?", on_yes="hold"),
    Question("no_forbidden_use", "undertaking", "It will serve none of the uses excluded above"),
    Question("no_diversion", "undertaking", "It will not go to an embargoed country or an unauthorised user"),
    Question("report_changes", "undertaking", "You will report any change in these answers"),
    Question("signatory_name", "text", "Your name", at_least=2),
    Question("signatory_title", "text", "Your title", at_least=2),
    Question("signatory_authority", "undertaking", "You may sign for the buyer"),
)

# "For general business and research purposes" says nothing, however long it is made.
# fmt: off
_EMPTY_WORDS = frozenset(
    {
        "a", "all", "and", "any", "business", "commercial", "company", "for", "general", "in", "internal",
        "it", "of", "only", "or", "our", "own", "professional", "projects", "purpose", "purposes",
        "research", "the", "to", "use", "used", "we", "will", "with", "work", "avec", "dans", "de", "des",
        "du", "en", "et", "fins", "interne", "internes", "la", "le", "les", "notre", "nos", "pour",
        "projets", "recherche", "travail", "usage",

    }
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Certificate:
    """Complete and well-formed answers to `euc-v1`; one field per question, countries ISO 3166-1 alpha-2."""

    text_version: str
    legal_name: str
    role: str
    sector: str
    site_of_use: str
    country_of_use: str
    end_use: str
    nuclear: bool
    missile: bool
    chemical_biological: bool
    weapons_development: bool
    military_or_police: bool
    space: bool
    semiconductor: bool
    state_owned: bool
    reexport_intended: bool
    no_forbidden_use: bool
    no_diversion: bool
    report_changes: bool
    signatory_name: str
    signatory_title: str
    signatory_authority: bool
    registration_number: str | None = None
    end_user: str | None = None
    end_user_country: str | None = None
    region_of_use: str | None = None
    majority_owners: tuple[str, ...] = ()
    access_countries: tuple[str, ...] = ()

    @classmethod
    def from_answers(cls, answers: object) -> Self | list[Violation]:
        """The certificate, or everything that is wrong with the answers at once, by JSON pointer (T5, T6)."""
        violations = validate(answers)
        if violations:
            return violations
        given = cast(Mapping[str, Any], answers)
        return cls(
            **{key: _clean(value) for key, value in given.items() if value is not None and value != ""}
        )

    @property
    def parties(self) -> tuple[str, ...]:
        """Every name to screen, once each: buyer, end user, majority owners, signatory."""
        named = (self.legal_name, self.end_user, *self.majority_owners, self.signatory_name)
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def destinations(self) -> tuple[str, ...]:
        """Every country the software reaches, once each: of use, of the end user, of access."""
        reached = (self.country_of_use, self.end_user_country, *self.access_countries)
        return tuple(dict.fromkeys(country for country in reached if country))


def validate(answers: object) -> list[Violation]:
    """All that is wrong with answers to `euc-v1`, in the order asked; empty if they make a certificate."""
    if not isinstance(answers, Mapping):
        return [
            Violation(
                ErrorCode.ANSWERS_MISSING, f"answers: send an object answering {VERSION}", "/answers", "T5"
            )
        ]
    violations = [found for question in QUESTIONS if (found := _check(question, answers.get(question.key)))]
    known = {question.key for question in QUESTIONS}
    violations += [
        Violation(
            ErrorCode.ANSWER_UNKNOWN,
            f"{key}: {VERSION} asks no such question; leave it out",
            _pointer(str(key)),
            "T5",
        )
        for key in answers
        if key not in known
    ]
    return violations + _contradictions(answers)


def cards_told(answers: Mapping[str, object]) -> list[Violation]:
    """The violations of answers in which somebody wrote the number of a card, which is not even kept for later."""
    return [_card_violation(each) for each in QUESTIONS if _tells_card(each, answers.get(each.key))]


def _tells_card(question: Question, answer: object) -> bool:
    """Whether somebody wrote the number of a card where a text or names are asked for (T5)."""
    # Numbers of companies hold by chance what looks like a card: fourteen digits with the same check digit, in France.
    if question.key == "registration_number":
        return False
    texts = answer if _is_list(answer) else [answer]
    return any(isinstance(each, str) and holds_card(each) for each in texts)


def _card_violation(question: Question) -> Violation:
    way_out = "leave out the number of the card, Jalon stores none"
    message = f"{question.key} ({question.asks}): {way_out}"
    return Violation(ErrorCode.ANSWER_INVALID, message, _pointer(question.key), question.rule)


def _check(question: Question, answer: object) -> Violation | None:
    if answer is None or answer == "":
        wrong = ErrorCode.ANSWER_MISSING if question.required else None
    elif _tells_card(question, answer):
        return _card_violation(question)
    elif question.kind == "undertaking":
        wrong = None if answer is True else ErrorCode.UNDERTAKING_REFUSED
    else:
        wrong = None if _fits(question, answer) else ErrorCode.ANSWER_INVALID
    if wrong is None and question.key == "end_use" and _vague(str(answer)):
        wrong = ErrorCode.END_USE_VAGUE
    return _violation(wrong, question) if wrong else None


def _fits(question: Question, answer: object) -> bool:
    if question.kind == "text":
        return _is_text(answer, question.at_least)
    if question.kind == "choice":
        return answer in question.choices
    return _FITS[question.kind](answer)


def _contradictions(answers: Mapping[str, object]) -> list[Violation]:
    end_user, country = answers.get("end_user"), answers.get("end_user_country")
    region, used_in = answers.get("region_of_use"), answers.get("country_of_use")
    found = []
    if answers.get("role") in ("reseller", "integrator") and not end_user:
        found.append(("end_user", "you are not the end user: name who is"))
    if end_user and not country:
        found.append(("end_user_country", "say which country that end user is in"))
    if isinstance(region, str) and isinstance(used_in, str) and not region.startswith(used_in):
        found.append(("region_of_use", "this region is not in the country of use"))
    return [
        Violation(ErrorCode.ANSWERS_CONTRADICT, f"{key}: {why}", _pointer(key), "T5") for key, why in found
    ]


def _violation(code: ErrorCode, question: Question) -> Violation:
    way_out = {
        ErrorCode.ANSWER_MISSING: "answer it",
        ErrorCode.ANSWER_INVALID: f"answer with {_wanted(question)}",
        ErrorCode.UNDERTAKING_REFUSED: "an order needs this undertaking: answer true, or do not order",
        ErrorCode.END_USE_VAGUE: "say what is made, built or studied with it, and for whom",
    }[code]
    return Violation(
        code, f"{question.key} ({question.asks}): {way_out}", _pointer(question.key), question.rule
    )


def _wanted(question: Question) -> str:
    return {
        "yes_no": "true or false",
        "choice": "one of " + ", ".join(question.choices),
        "country": "an ISO 3166-1 alpha-2 country code",
        "region": "an ISO 3166-2 region code",
        "countries": f"a list of at most {LIST_AT_MOST} ISO 3166-1 alpha-2 country codes",
        "names": f"a list of at most {LIST_AT_MOST} full names",
    }.get(question.kind, f"a text of {question.at_least} to {TEXT_AT_MOST} characters")


def _vague(end_use: str) -> bool:
    told = set(re.findall(r"\w+", end_use.casefold())) - _EMPTY_WORDS
    return len(told) < _WORDS_AT_LEAST


def _is_text(answer: object, at_least: int) -> bool:
    """Whether the answer is a text that can be read; line breaks and tabs count as blanks."""
    if not isinstance(answer, str):
        return False
    text = _clean(answer)
    named = has_letter(text) or any(letter.isdigit() for letter in text)
    return named and fault_in(text) is None and at_least <= len(text) <= TEXT_AT_MOST


def _is_country(answer: object) -> bool:
    return isinstance(answer, str) and answer in COUNTRIES


def _is_list(answer: object) -> TypeGuard[Sequence[object]]:
    return isinstance(answer, list | tuple) and len(answer) <= LIST_AT_MOST


def _clean(answer: Any) -> Any:
    if isinstance(answer, list | tuple):
        return tuple(_clean(entry) for entry in answer)
    return normalize("NFC", " ".join(answer.split())) if isinstance(answer, str) else answer


def _pointer(key: str) -> str:
    return "/answers/" + key.replace("~", "~0").replace("/", "~1")


_FITS: Mapping[Kind, Callable[[object], bool]] = {
    "yes_no": lambda answer: isinstance(answer, bool),
    "country": _is_country,
    "region": lambda answer: isinstance(answer, str) and answer in REGIONS,
    "countries": lambda answer: _is_list(answer) and all(map(_is_country, answer)),
    "names": lambda answer: _is_list(answer) and all(_is_text(name, NAME_AT_LEAST) for name in answer),
}
