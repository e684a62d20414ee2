"""The one shape of every error: application/problem+json with a code, its violations and a remedy (T15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from http import HTTPStatus

from fastapi.responses import JSONResponse
from starlette.requests import Request

from api.http.answers import ProblemDetails, Progress
from api.http.request_context import context_of
from api.http.resources import opened_resources
from jalon.domain.error_codes import ERRORS, Code, ErrorCode
from jalon.domain.violations import Violation

MEDIA_TYPE = "application/problem+json"
SAME_KEY = "Send the same request again with the same Idempotency-Key; nothing is done twice."


class Problem(Exception):
    """An error as an answer. `retry_after` is in seconds; `headers` are added to the answer.

    Without violations the problem itself is the only violation. With violations, code and rule are those of the first, unless given.
    """

    def __init__(
        self,
        status: int,
        code: Code,
        detail: str,
        *,
        rule: str | None = None,
        violations: Sequence[Violation] = (),
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        plan: str | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.detail, self.rule = status, code, detail, rule
        self.violations = tuple(violations)
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)
        self.progress = progress
        self.plan = plan


def refusal(status: int, violations: Sequence[Violation]) -> Problem:
    """The problem of a request that breaks rules: all violations at once, with the code of the first."""
    first = violations[0]
    rule = next((violation.rule for violation in violations if violation.rule), None)
    detail = (
        first.message
        if len(violations) == 1
        else f"{len(violations)} things are wrong; each is in violations with its way out."
    )
    return Problem(status, first.code, detail, rule=rule, violations=violations)


def not_found(what: str = "Nothing") -> Problem:
    """The problem of an unknown id. An entity of another store counts as unknown, so that ids reveal nothing."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        ErrorCode.NOT_FOUND,
        f"{what} with this id can be seen with your key. Check the id, and that the key is of the right store.",
    )


def title_of(code: Code) -> str:
    """The title of a problem with this code: from the table of codes, or the code of a store's file in words."""
    if isinstance(code, ErrorCode):
        return ERRORS[code].title
    return code.replace("_", " ").capitalize()


def type_of(request: Request, code: Code) -> str:
    """The address of the page that describes the code. It is relative while the process starts or stops."""
    resources = opened_resources(request)
    return f"{resources.settings.public_url if resources else ''}/problems/{code}"


def problem_details(request: Request, problem: Problem) -> ProblemDetails:
    """The problem in the form in which it is answered; `support` is the store's contact where the store is known."""
    return ProblemDetails(
        type=type_of(request, problem.code),
        title=title_of(problem.code),
        status=int(problem.status),
        code=problem.code,
        detail=problem.detail,
        rule=problem.rule,
        violations=list(problem.violations),
        support=support_address(request),
        reference=context_of(request.scope).reference,
        progress=problem.progress,
        plan=problem.plan,
    )


def support_address(request: Request) -> str:
    """The support contact (T15): the error route of the request's store, else the installation's own address."""
    resources = opened_resources(request)
    if resources is None:
        return ""
    policy = resources.policies.get(context_of(request.scope).store or "")
    if policy is not None:
        return str(policy.route("error"))
    return parseaddr(resources.settings.mail_sender)[1]


def answer_problem(request: Request, problem: Problem) -> JSONResponse:
    """The response. The code is noted for the log line."""
    context_of(request.scope).code = problem.code
    body = problem_details(request, problem).model_dump(mode="json")
    return JSONResponse(body, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)
