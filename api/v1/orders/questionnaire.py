"""The end-use certificate as a JSON schema with every question of `euc-v1`, from which a form can be made."""

from __future__ import annotations

from typing import Any

from jalon.domain.compliance.certificates import (
    LIST_AT_MOST,
    NAME_AT_LEAST,
    QUESTIONS,
    TEXT_AT_MOST,
    Question,
)

_COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$"}
_CONSEQUENCES = {"reject": "A yes rejects the order.", "hold": "A yes brings the order before two reviewers."}


def answers_schema() -> dict[str, Any]:
    """The schema of an object with a property for each question, in the order of the questions."""
    return {
        "type": "object",
        "title": "End-use answers",
        "properties": {question.key: _property(question) for question in QUESTIONS},
        "required": [question.key for question in QUESTIONS if question.required],
        "additionalProperties": False,
    }


def _property(question: Question) -> dict[str, Any]:
    consequence = _CONSEQUENCES.get(question.on_yes or "")
    description = f"{question.asks} ({question.rule}). {consequence or ''}".strip()
    return _kind(question) | {"description": description}


def _kind(question: Question) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "text": {"type": "string", "minLength": question.at_least, "maxLength": TEXT_AT_MOST},
        "choice": {"type": "string", "enum": list(question.choices)},
        "country": _COUNTRY,
        "region": {"type": "string", "pattern": "^[A-Z]{2}-[A-Z0-9]{1,3}$"},
        "countries": {"type": "array", "maxItems": LIST_AT_MOST, "items": _COUNTRY},
        "names": {
            "type": "array",
            "maxItems": LIST_AT_MOST,
            "items": {"type": "string", "minLength": NAME_AT_LEAST},
        },
        "yes_no": {"type": "boolean"},
        "undertaking": {"type": "boolean", "const": True},
    }
    return kinds[question.kind]


EXAMPLE: dict[str, Any] = {
    "text_version": "euc-v1",
    "legal_name": "Bureau Martin SARL",
    "role": "end_user",
    "sector": "Land surveying",
    "site_of_use": "12 quai Perrache, 69002 Lyon",
    "country_of_use": "FR",
    "end_use": "Surveying of building sites and bridges in the Lyon area with total stations",
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
    "signatory_name": "Ada Martin",
    "signatory_title": "Director",
    "signatory_authority": True,
}
"""Answers that are all acceptable."""
