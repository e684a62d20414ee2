"""Turns FastAPI's validation errors into problems: 400 for unreadable requests, 422 with pointers for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from api.http.errors import Problem
from api.http.json_bodies import NOWHERE
from jalon.domain.error_codes import ErrorCode
from jalon.domain.violations import Violation

INSTANT_FORM = "write an instant of RFC 3339 with its offset, as 2026-01-15T10:30:00+01:00"
_CODES = {"missing": ErrorCode.FIELD_MISSING, "extra_forbidden": ErrorCode.FIELD_UNKNOWN}
_WORDS: Mapping[str, str] = {
    "missing": "is missing: send it",
    "extra_forbidden": "is no field here: leave it out",
    "repeated": "comes more than once: send it once",
    "string_type": "is a text",
    "string_too_short": "has {min_length} or more characters",
    "string_too_long": "has {max_length} characters at most",
    "string_unicode": "is a text without half surrogate pairs",
    "int_type": "is a whole number",
    "int_parsing": "is a whole number",
    "int_parsing_size": "is a whole number with fewer digits",
    "int_from_float": "is a whole number, without a fraction",
    "float_type": "is a number",
    "float_parsing": "is a number",
    "finite_number": "is a finite number",
    "greater_than_equal": "is {ge} at least",
    "less_than_equal": "is {le} at most",
    "greater_than": "is more than {gt}",
    "less_than": "is less than {lt}",
    "bool_type": "is true or false",
    "bool_parsing": "is true or false",
    "literal_error": "is {expected}",
    "enum": "is {expected}",
    "list_type": "is a list",
    "dict_type": "is an object with names and values",
    "model_type": "is an object with names and values",
    "model_attributes_type": "is an object with names and values",
    "too_short": "has {min_length} or more entries",
    "too_long": "has {max_length} entries at most",
    "timezone_aware": f"is without its offset: {INSTANT_FORM}",
}
"""What a field is, by the kind of misfit that the validation reports, for people."""
_NAME_ITSELF = "[key]"
"""Stands in a place behind a name that does not fit, where the validation means the name and not its value."""
_KEY_HEADER = "Idempotency-Key"


def problem_of(errors: Sequence[Any]) -> Problem:
    """The problem of a request that does not match its schema, with every violation at once."""
    first = errors[0]
    if first["type"] == "json_invalid":
        why = first.get("ctx", {}).get("error", "it cannot be read")
        place = first["loc"][-1]
        detail = f"The body is not JSON: {why}{'' if place == NOWHERE else f' at character {place}'}."
        return Problem(HTTPStatus.BAD_REQUEST, ErrorCode.MALFORMED_JSON, detail)
    headers = [error for error in errors if error["loc"][0] == "header"]
    if headers:
        return _no_key(headers[0])
    if any(error["loc"] == ("body",) and isinstance(error.get("input"), bytes) for error in errors):
        return Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            ErrorCode.NOT_JSON,
            "Send the body as JSON, with Content-Type: application/json.",
        )
    violations = [_violation(error) for error in errors]
    detail = violations[0].message if len(violations) == 1 else f"{len(violations)} fields do not fit."
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, ErrorCode.INVALID_REQUEST, detail, violations=violations)


def _no_key(error: Mapping[str, Any]) -> Problem:
    missing = error["type"] == "missing"
    return Problem(
        HTTPStatus.BAD_REQUEST,
        ErrorCode.IDEMPOTENCY_KEY_MISSING if missing else ErrorCode.IDEMPOTENCY_KEY_INVALID,
        f"Send {_KEY_HEADER} with every write: 1 to 255 visible characters, a new one for each new request, "
        "the same one to try again.",
        rule="T15",
    )


def _violation(error: Mapping[str, Any]) -> Violation:
    place, *path = (part for part in error["loc"] if part != _NAME_ITSELF)
    kind = error["type"]
    said = str(error["msg"]).removeprefix("Value error, ")
    name = ".".join(str(part) for part in path) or ("the body" if place == "body" else str(place))
    message = _in_words(name, kind, said, error.get("ctx") or {})
    if place == "query" and kind == "extra_forbidden":
        message = f"{name} is no query parameter here: leave it out"
    pointer = "".join("/" + _escaped(part) for part in path) if place == "body" else ""
    return Violation(_CODES.get(kind, ErrorCode.FIELD_INVALID), message, pointer)


def _in_words(name: str, kind: str, said: str, about: Mapping[str, Any]) -> str:
    """The misfit as a sentence. A kind without words is said as the validation says it."""
    if kind in _WORDS:
        return f"{name} {_WORDS[kind].format_map(about)}"
    if kind.startswith("datetime_"):
        return f"{name} is no instant ({about.get('error', 'it cannot be read')}): {INSTANT_FORM}"
    return f"{name}: {said}"


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
