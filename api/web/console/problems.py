"""Errors as pages of the console: what is wrong, what to do, and the reference by which it is found."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import Problem, support_address, title_of
from api.http.request_context import context_of
from api.web.console.rendering import show, show_to_strangers, wants_part
from api.web.console.staff import NotForRole, SignInFirst, Staff, language_of, staff_of
from jalon.client.errors import ApiError
from jalon.domain.error_codes import ERRORS, ErrorCode


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem as a person reads it. `points` are the violations of several fields."""

    status: int
    code: str
    title: str
    detail: str
    way_out: str
    points: tuple[str, ...]
    reference: str
    support: str

    @classmethod
    def of(cls, error: ApiError) -> Trouble:
        """The problem of a call to the API, with the reference of that call."""
        said = tuple(str(each["message"]) for each in error.violations)
        return cls(
            error.status,
            error.code,
            error.title,
            error.detail,
            way_out_of(error.code),
            said if len(said) > 1 else (),
            error.reference,
            error.support,
        )


def way_out_of(code: str) -> str:
    """What to do about a problem of this code."""
    return ERRORS[ErrorCode(code)].way_out if code in set(ErrorCode) else ""


async def api_refused(request: Request, error: Exception) -> Response:
    """The page of a refusal of the API: another role's page, an unknown id, an API that is busy."""
    if not isinstance(error, ApiError):
        raise error
    context_of(request.scope).code = error.code
    staff = await staff_of(request)
    return show(request, staff, "error", status=error.status, trouble=Trouble.of(error))


async def other_roles_page(request: Request, error: Exception) -> Response:
    """The page that names the roles which may open the one asked for."""
    if not isinstance(error, NotForRole):
        raise error
    context_of(request.scope).code = ErrorCode.ROLE_NOT_ALLOWED
    return show(request, error.staff, "not_for_role", status=HTTPStatus.FORBIDDEN, roles=error.roles)


async def problem_page(request: Request, problem: Problem) -> Response:
    """The problem of a page of the console."""
    context_of(request.scope).code = problem.code
    trouble = Trouble(
        int(problem.status),
        str(problem.code),
        title_of(problem.code),
        problem.detail,
        way_out_of(str(problem.code)),
        tuple(each.message for each in problem.violations[1:]),
        context_of(request.scope).reference,
        support_address(request),
    )
    staff = await _signed_in(request, trouble.status)
    if staff is None:
        return show_to_strangers(request, "error", language_of(request), trouble.status, trouble=trouble)
    answer = show(request, staff, "error", status=trouble.status, trouble=trouble)
    if wants_part(request):
        answer.headers["HX-Reswap"] = "none"
    answer.headers.update(problem.headers)
    return answer


async def _signed_in(request: Request, status: int) -> Staff | None:
    """Who is signed in. After a fault of ours nobody is looked up, since the database may be away."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    try:
        return await staff_of(request)
    except (SignInFirst, LookupError):
        return None
