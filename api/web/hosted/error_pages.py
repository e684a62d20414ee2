"""Errors in the form that the caller reads: a page for a browser on a hosted page, problem+json for everybody else."""

from __future__ import annotations

from typing import Literal, Protocol

from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response

from activities.identities import identity_of
from api.http.errors import Problem, answer_problem, support_address
from api.http.request_context import context_of
from api.http.resources import opened_resources
from api.web.hosted.links import PassedOn
from api.web.hosted.page_models import MessagePage, PassedOnPage
from api.web.hosted.pages import PAGE_POLICY, pages_of
from jalon.domain.error_codes import Code, ErrorCode
from jalon.integrations.mail.formats import LANGUAGES, Language
from jalon.integrations.mail.renderer import StoreIdentity

Kind = Literal["link_invalid", "not_found", "working", "error"]

STORES_NAMED_AT_MOST = 8
"""Beyond so many stores the page of a wrong link names the installation's own contact alone."""

_KINDS: dict[Code, Kind] = {
    ErrorCode.LINK_INVALID: "link_invalid",
    ErrorCode.NOT_FOUND: "not_found",
    ErrorCode.UNKNOWN_PATH: "not_found",
    ErrorCode.REQUEST_IN_PROGRESS: "working",
}


def error_page(request: Request, problem: Problem) -> Response:
    """The problem as a page or as problem+json."""
    if not request.url.path.startswith(("/h/", "/portal/", "/problems/")):
        return answer_problem(request, problem)
    if isinstance(problem, PassedOn):
        return _passed_on(request, problem)
    context_of(request.scope).code = problem.code
    answer = message(request, _KINDS.get(problem.code, "error"), problem.status)
    answer.headers.update(problem.headers)
    return answer


def _passed_on(request: Request, problem: PassedOn) -> Response:
    """That the administration has passed on, with the way to what the reader signed (H12)."""
    opened = problem.opened
    signed = opened.link.kind == "contract" and opened.subscription.signed_document is not None
    page = PassedOnPage(
        language=opened.language,
        store=opened.store,
        product=opened.subscription.product,
        order_number=opened.subscription.number,
        document_url=f"/h/contract/{opened.token}/document" if signed else None,
    )
    headers = {"Content-Security-Policy": PAGE_POLICY}
    return HTMLResponse(pages_of(request).passed_on(page), problem.status, headers=headers)


class Addressed(Protocol):
    """What a page knows of its reader: the language, and the store."""

    @property
    def language(self) -> Language: ...
    @property
    def store(self) -> StoreIdentity: ...


def message(request: Request, kind: Kind, status: int, opened: Addressed | None = None) -> Response:
    """A page with one message and the reference by which support finds the request (T15)."""
    page = MessagePage(
        language=opened.language if opened else _language(request),
        kind=kind,
        reference=context_of(request.scope).reference,
        store=opened.store if opened else _store(request),
        support=support_address(request),
        contacts=_contacts(request),
    )
    headers = {"Content-Security-Policy": PAGE_POLICY}
    return HTMLResponse(pages_of(request).message(page), status, headers=headers)


def _store(request: Request) -> StoreIdentity | None:
    store = context_of(request.scope).store
    resources = opened_resources(request)
    policy = resources.policies.get(store) if resources is not None and store else None
    if policy is None:
        return None
    return identity_of(policy)


def _contacts(request: Request) -> tuple[StoreIdentity, ...]:
    """Every store with its routes, where they are few: a link that opens nothing does not say whose it is (T15)."""
    resources = opened_resources(request)
    if resources is None or len(resources.policies) > STORES_NAMED_AT_MOST:
        return ()
    return tuple(map(identity_of, resources.policies.values()))


def _language(request: Request) -> Language:
    wanted = request.headers.get("accept-language", "")[:2].casefold()
    return wanted if wanted in LANGUAGES else "en"
