"""Maps exceptions to problems, in one place."""

from __future__ import annotations

from http import HTTPStatus

import psycopg
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.http.answers import Progress
from api.http.errors import SAME_KEY, Problem, not_found
from api.http.request_context import BODY_BYTES_AT_MOST
from api.http.validation import problem_of
from jalon.domain.error_codes import ErrorCode
from jalon.inbox.rejections import ClockAdvances, KeyReused, Rejected, StillInProgress, TargetUnknown
from jalon.persistence.people.vault import PersonErased

DATABASE = (OperationalError, InterfaceError, psycopg.OperationalError)
EXPECTED: tuple[type[Exception], ...] = (
    Problem,
    RequestValidationError,
    HTTPException,
    PersonErased,
    Rejected,
    PoolTimeout,
    *DATABASE,
)


def problem_of_exception(error: Exception) -> Problem:
    """The problem of an exception. An unexpected exception becomes an internal error without details."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return problem_of(error.errors())
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, Rejected):
        return _of_rejected(error)
    return _of_persistence(error) or _internal()


def _of_persistence(error: Exception) -> Problem | None:
    if isinstance(error, PersonErased):
        detail = "This person was erased; nothing of theirs can be read or added."
        return Problem(HTTPStatus.CONFLICT, ErrorCode.PERSON_ERASED, detail)
    if isinstance(error, PoolTimeout):
        detail = f"The database is busy; this request was not recorded. {SAME_KEY}"
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, ErrorCode.DATABASE_BUSY, detail, retry_after=1)
    if isinstance(error, DATABASE):
        detail = f"The database cannot be reached right now. {SAME_KEY}"
        return Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, ErrorCode.DATABASE_UNREACHABLE, detail, rule="T15", retry_after=5
        )
    return None


def _internal() -> Problem:
    detail = f"Something went wrong on our side. {SAME_KEY} If it happens again, write to support with the reference."
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, ErrorCode.INTERNAL_ERROR, detail, rule="T15")


def _of_rejected(error: Rejected) -> Problem:
    """The problem of a rejected write, which left no receipt."""
    match error:
        case TargetUnknown():
            return not_found(f"No {error.what}")
        case KeyReused():
            status, code = HTTPStatus.UNPROCESSABLE_ENTITY, ErrorCode.IDEMPOTENCY_KEY_REUSED
            detail = "This Idempotency-Key was used for another request. Send a new key for a new request, or the same request again."
            return Problem(status, code, detail, rule="T15")
        case StillInProgress():
            detail = f"The first request with this Idempotency-Key is still being worked on. {SAME_KEY}"
            return Problem(
                HTTPStatus.CONFLICT, ErrorCode.REQUEST_IN_PROGRESS, detail, rule="T15", retry_after=1
            )
        case ClockAdvances(store=store, now=now, to=to, delivered=delivered):
            detail = f"The test clock of {store} is advancing to {to.isoformat()}; wait for it. {SAME_KEY}"
            progress = Progress(now=now, to=to, delivered=delivered)
            return Problem(
                HTTPStatus.CONFLICT,
                ErrorCode.CLOCK_ADVANCING,
                detail,
                retry_after=1,
                progress=progress,
            )
        case _:
            detail = f"The request could not be recorded in time, and was not. {SAME_KEY}"
            return Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                ErrorCode.RECEIPT_TOO_LATE,
                detail,
                rule="G3",
                retry_after=1,
            )


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
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
            ErrorCode.NOT_JSON,
            "The body is compressed; send it as it is, without Content-Encoding.",
        ),
        HTTPStatus.REQUEST_TIMEOUT: (
            ErrorCode.REQUEST_INCOMPLETE,
            f"The request did not come whole in time, and was not recorded. {SAME_KEY}",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE: (
            ErrorCode.OVERLOADED,
            f"Too many requests came at once; this one was not recorded. {SAME_KEY}",
        ),
        HTTPStatus.BAD_REQUEST: (
            ErrorCode.UNREADABLE_REQUEST,
            "The request cannot be read; see /openapi.json.",
        ),
    }.get(status, (_other(status), f"{status.phrase}."))
    return Problem(status, code, detail, headers=error.headers)


def _other(status: HTTPStatus) -> ErrorCode:
    """The code of a status that no route raises itself, but the framework may."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ErrorCode.INTERNAL_ERROR
    return ErrorCode.UNREADABLE_REQUEST
