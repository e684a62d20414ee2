"""The pages of an order behind its signed links. A GET records nothing; answers are submitted as every write is."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.resources import resources_of
from api.http.writing import TheSubmitter, existing
from api.web.forms import Sent, read_form
from api.web.hosted.error_pages import message
from api.web.hosted.pages import PAGE_POLICY, pages_of
from api.web.orders.certificate_page import UNASKED, asked_of, certificate_page
from api.web.orders.opened import OpenedOrder, open_order
from api.web.orders.questionnaire import (
    SECTIONS,
    answers_of,
    is_of_this_version,
    typed_in,
    without_undertakings,
)
from api.web.orders.status_page import order_page
from api.web.portal.page_models import PortalView
from jalon.domain.compliance.certificates import cards_told, validate
from jalon.domain.kinds import ORDER
from jalon.inbox.submission import Submission, Submitter
from jalon.persistence.inbox.targets import TargetState
from jalon.persistence.people import drafts
from workflows.engine.commands import Command
from workflows.order.commands import AnswerCertificate

routes = APIRouter(prefix="/h", include_in_schema=False)

SAVE = "save"
"""What the buttons begin with that keep the answers, for later or to go on with a section (`save-place`); any other sends them."""


def _html(request: Request, page: PortalView, status: int = HTTPStatus.OK) -> HTMLResponse:
    text = pages_of(request).show(page)  # type: ignore[arg-type]  # each page names its template
    return HTMLResponse(text, status, headers={"Content-Security-Policy": PAGE_POLICY})


@routes.get("/order/{token}")
async def show_order(request: Request, token: str) -> Response:
    """Where the order stands."""
    return _html(request, order_page(request, await open_order(request, "order", token)))


@routes.get("/certificate/{token}")
async def show_certificate(request: Request, token: str) -> Response:
    """The questionnaire with what was filled in so far, or why it cannot be answered any more."""
    opened = await open_order(request, "certificate", token)
    done, section = request.query_params.get("done"), request.query_params.get("section", "")
    saved = done == "saved"
    page = certificate_page(request, opened, saved=saved, saved_before=section, done=done == "sent")
    return _html(request, page)


@routes.post("/certificate/{token}")
async def send_certificate(request: Request, token: str, submitter: TheSubmitter) -> Response:
    """Keeps the answers for later, or answers the questionnaire, judged by its receipt (G3, T5)."""
    opened = await open_order(request, "certificate", token)
    sent = await read_form(request)
    typed, is_open = typed_in(sent.fields), asked_of(opened).state == "open"
    pressed, _, section = sent.fields.get("do", "").partition("-")
    saves = pressed == SAVE
    if not opened.is_buyers or (saves and not is_open):
        return _html(request, certificate_page(request, opened), HTTPStatus.CONFLICT)
    violations = (cards_told if saves else validate)(answers_of(typed))
    if saves and not violations:
        return await _keep(request, opened, typed, section)
    if violations:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_open else HTTPStatus.CONFLICT
        stale = not is_of_this_version(sent.fields)
        return _html(request, certificate_page(request, opened, typed, violations, out_of_date=stale), status)
    return await _answer(request, opened, sent, typed, submitter)


class _NotAsked(Exception):
    """A new form came although the page asks for nothing: the answers came before, or nothing needs them."""


async def _answer(
    request: Request, opened: OpenedOrder, sent: Sent, typed: Mapping[str, str], submitter: Submitter
) -> Response:
    try:
        submission = await _submit(request, opened, sent, typed, submitter)
    except _NotAsked:
        return _html(request, certificate_page(request, opened), HTTPStatus.CONFLICT)
    if submission.receipt.deferred:
        return message(request, "working", HTTPStatus.ACCEPTED, opened)
    if submission.receipt.state == "refused":
        after = await open_order(request, "certificate", opened.token)
        status = (submission.receipt.outcome or {}).get("status", HTTPStatus.CONFLICT)
        return _html(request, certificate_page(request, after, typed), cast(int, status))
    return RedirectResponse(f"/h/certificate/{opened.token}?done=sent", HTTPStatus.SEE_OTHER)


async def _keep(request: Request, opened: OpenedOrder, typed: Mapping[str, str], section: str) -> Response:
    """Stores the draft, and goes on with the section.

    Without a receipt: it decides nothing, and the same form sent again keeps the same.
    """
    resources, store = resources_of(request), opened.link.store
    async with resources.sessions.of(store) as tx:
        await drafts.save(
            tx, resources.parties, store, opened.order.id, opened.order.buyer or "", dict(typed)
        )
    then = f"&section={section}#part_{section}" if section in SECTIONS else ""
    return RedirectResponse(f"/h/certificate/{opened.token}?done=saved{then}", HTTPStatus.SEE_OTHER)


async def _submit(
    request: Request, opened: OpenedOrder, sent: Sent, typed: Mapping[str, str], submitter: Submitter
) -> Submission:
    resources, store = resources_of(request), opened.link.store
    order, buyer = opened.order.id, opened.order.buyer or ""

    async def compose(tx: AsyncConnection, _: TargetState) -> Command:
        if asked_of(opened).state in UNASKED:
            raise _NotAsked
        parties, answers = resources.parties, answers_of(typed)
        record = await parties.keep(tx, store, buyer, "certificate", answers)
        await drafts.save(tx, parties, store, order, buyer, without_undertakings(typed))
        return AnswerCertificate(record)

    return await submitter.submit(
        opened.caller("buyer"), sent.idempotent_request, existing(ORDER, order), compose
    )
