"""Exceptions into problems, in one place."""

from __future__ import annotations

from http import HTTPStatus

import psycopg
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.http.errors import SAME_KEY, Problem
from api.http.request_context import BODY_BYTES_AT_MOST
from api.http.validation import problem_of
from jalon.domain.error_codes import ErrorCode
from jalon.persistence.people.vault import PersonErased

DATABASE = (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError)
EXPECTED: tuple[type[Exception], ...] = (
    Problem,
    RequestValidationError,
    HTTPException,
    PersonErased,
    *DATABASE,
)


def problem_of_exception(error: Exception) -> Problem:
    """The problem that an exception is; what nobody expected is an internal error that says nothing of itself."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return problem_of(error.errors())
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, PersonErased):
        return Problem(
            HTTPStatus.CONFLICT,
            ErrorCode.PERSON_ERASED,
            "This person was erased; nothing of theirs can be read or added.",
        )
    if isinstance(error, DATABASE):
        detail = f"The database cannot be reached right now. {SAME_KEY}"
        return Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, ErrorCode.DATABASE_UNREACHABLE, detail, rule="T15", retry_after=5
        )
    detail = f"Something went wrong on our side. {SAME_KEY} If it happens again, write to support with the reference."
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, ErrorCode.INTERNAL_ERROR, detail, rule="T15")


def _of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    code, detail = {
        HTTPStatus.NOT_FOUND: (
            ErrorCode.UNKNOWN_PATH,
            "There is nothing at this address; /openapi.json lists what there is.",
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: (
            ErrorCode.METHOD_NOT_ALLOWED,
            "This address does not take that method; see the Allow header.",
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
            ErrorCode.BODY_TOO_LARGE,
            f"A request is at most {BODY_BYTES_AT_MOST // 1024} KiB; send less, or in several requests.",
        ),
        HTTPStatus.BAD_REQUEST: (
            ErrorCode.UNREADABLE_REQUEST,
            "The request cannot be read; see /openapi.json.",
        ),
    }.get(status, (_other(status), f"{status.phrase}."))
    return Problem(status, code, detail, headers=error.headers)


def _other(status: HTTPStatus) -> ErrorCode:
    """What no route of ours raises, but a part of the framework may."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ErrorCode.INTERNAL_ERROR
    return ErrorCode.UNREADABLE_REQUEST
