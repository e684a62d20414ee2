"""The pages of signed links. A GET records nothing; a POST is submitted as every write is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.fields import without_card
from api.http.dependencies import TheResources
from api.http.errors import not_found
from api.http.request_context import context_of
from api.http.resources import resources_of
from api.http.writing import TheSubmitter, existing, violations_of
from api.web.forms import Sent, new_nonce, read_form
from api.web.hosted import page_models
from api.web.hosted.contract import NOTHING_FILLED, Contract
from api.web.hosted.error_pages import message
from api.web.hosted.invitation import invitation_page
from api.web.hosted.links import Opened, open_link, seat_of, unknown_link
from api.web.hosted.pages import PAGE_POLICY, document_policy, pages_of
from api.web.hosted.signature_evidence import Signature, keep_signature
from api.web.hosted.terms import terms_page
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.terms import ACTIVATION_STEPS
from jalon.domain.terms_texts import TermsText
from jalon.domain.texts import has_letter, read_line, read_name
from jalon.inbox.submission import Submission
from jalon.integrations.links import Link
from jalon.persistence.entities import records
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.subscription.commands import AcceptInvitation, TakeStep

routes = APIRouter(prefix="/h", include_in_schema=False)

RELOADED_AFTER = 3
"""Seconds until a page that waits for us asks again."""
RETURNS_AFTER = 15
"""Seconds for which a buyer who has just signed can stay before the page goes on to the shop (H5)."""
NAME_AT_MOST = 200
"""The length, in characters, to which a submitted name is cut."""


def _html(text: str, status: int = HTTPStatus.OK) -> HTMLResponse:
    return HTMLResponse(text, status, headers={"Content-Security-Policy": PAGE_POLICY})


def _contract(opened: Opened) -> Contract:
    return Contract(opened.subscription, opened.policy, opened.now)


@routes.get("/contract/{token}")
async def show_contract(request: Request, token: str) -> Response:
    """The contract page in its state (P5, P6). The first step is the page's first button, not the opening of the page."""
    opened = await open_link(request, "contract", token)
    return _show_contract(request, opened)


def _show_contract(
    request: Request,
    opened: Opened,
    problems: tuple[page_models.Problem, ...] = (),
    status: int = HTTPStatus.OK,
    filled: Mapping[str, str] = NOTHING_FILLED,
) -> Response:
    contract, link = _contract(opened), opened.link
    payment = Link("payment", link.store, link.entity, reader=link.reader)
    payment_url = f"/h/payment/{resources_of(request).links.sign(payment)}"
    page = contract.page(
        contract.state,
        opened.token,
        new_nonce(),
        opened.language,
        opened.store,
        problems,
        filled,
        payment_url,
    )
    returning = request.query_params.get("signed") == "yes" and page.state == "active"
    shown = _html(pages_of(request).contract(replace(page, returning=returning)), status)
    if page.state == "working":
        shown.headers["Refresh"] = str(RELOADED_AFTER)
    elif returning and opened.store.shop_url:
        shown.headers["Refresh"] = f"{RETURNS_AFTER}; url={opened.store.shop_url}"
    return shown


@routes.get("/contract/{token}/document")
async def show_document(request: Request, token: str, resources: TheResources) -> Response:
    """The exact bytes to sign, and once they are signed the copy that shows the signature, in a sandbox (H23)."""
    opened = await open_link(request, "contract", token, former_reads=True)
    held = opened.subscription.signed_document or opened.subscription.document
    async with resources.sessions.of(opened.link.store) as tx:
        document = await records.read_document(tx, held.id) if held else None
        if document is None:
            raise unknown_link()
        body = await resources.parties.open_for(tx, document.party, document.body)
    headers = {"Content-Security-Policy": document_policy(body), "Content-Language": document.language}
    return Response(body, media_type=document.media_type, headers=headers)


@routes.post("/contract/{token}/{step}")
async def take_step(request: Request, token: str, step: str, submitter: TheSubmitter) -> Response:
    """One activation step, judged by its receipt (G3, P5)."""
    opened = await open_link(request, "contract", token)
    sent = await read_form(request)
    contract = _contract(opened)
    if step not in ACTIVATION_STEPS:
        raise unknown_link()
    signs = contract.signs(step)
    problems = _problems(sent) if signs else ()
    if problems:
        return _show_contract(request, opened, problems, HTTPStatus.UNPROCESSABLE_ENTITY, sent.fields)
    caller = opened.caller("buyer")

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        shown = sent.fields.get("document_sha256") or None
        evidence = None
        if signs:
            signature = Signature(_name(sent, "signer_name"), _title(sent), shown)
            evidence = await keep_signature(tx, request, caller, target_state, signature)
        return TakeStep(step, "link", evidence, shown)

    target = existing(SUBSCRIPTION, opened.link.entity)
    submission = await submitter.submit(caller, sent.idempotent_request, target, compose)
    if submission.receipt.state == "refused" and not submission.receipt.deferred:
        return await _refused_step(request, token, submission)
    then = f"/h/contract/{token}"
    return _sent(request, submission, opened, f"{then}?signed=yes" if signs else then)


async def _refused_step(request: Request, token: str, submission: Submission) -> Response:
    """The page as it stands now, with the reason of the refusal: expired (P5), or another document (H4)."""
    opened = await open_link(request, "contract", token)
    codes = {violation.code for violation in violations_of(submission.receipt)}
    problems: tuple[page_models.Problem, ...] = (
        ("out_of_date",) if ErrorCode.ACTIVATION_WINDOW_CLOSED not in codes else ()
    )
    return _show_contract(request, opened, problems, _status(submission))


def _problems(sent: Sent) -> tuple[page_models.Problem, ...]:
    problems: list[page_models.Problem] = []
    if not _name(sent, "signer_name"):
        problems.append("signer_name_missing")
    try:
        _title(sent)
    except ValueError:
        problems.append("signer_title_unreadable")
    if sent.fields.get("consent") != "yes":
        problems.append("consent_missing")
    return tuple(problems)


def _title(sent: Sent) -> str | None:
    """The signer's role, None where it is left empty. ValueError for a text that the API would refuse too."""
    title = sent.fields.get("signer_title", "").strip()
    if len(title) > NAME_AT_MOST:
        raise ValueError("is longer than the page lets it be")
    return without_card(read_line(title)) if title else None


def _name(sent: Sent, field: str) -> str:
    """The name of a person in a form, empty where it is none: at least one letter, and no invisible mark that misleads."""
    try:
        name = without_card(read_name(" ".join(sent.fields.get(field, "").split())))
    except ValueError:
        return ""
    return name[:NAME_AT_MOST] if has_letter(name) else ""


def _status(submission: Submission) -> int:
    return cast(int, (submission.receipt.outcome or {}).get("status", HTTPStatus.CONFLICT))


def _sent(request: Request, submission: Submission, opened: Opened, then: str) -> Response:
    if submission.receipt.deferred:
        return message(request, "working", HTTPStatus.ACCEPTED, opened)
    return RedirectResponse(then, HTTPStatus.SEE_OTHER)


@routes.get("/invitation/{token}")
async def show_invitation(request: Request, token: str) -> Response:
    """The set-up form, or a page that it has expired (T2, T3)."""
    opened = await open_link(request, "invitation", token)
    return _html(pages_of(request).invitation(invitation_page(opened, new_nonce())))


@routes.post("/invitation/{token}")
async def accept_invitation(request: Request, token: str, submitter: TheSubmitter) -> Response:
    """Completes the set-up, judged by its receipt: open until `seats.invitation_window` after the sending (T2).

    The person keeps the name under which they are known; a link renames nobody (X18).
    """
    opened = await open_link(request, "invitation", token)
    sent = await read_form(request)
    seat, invitation = seat_of(opened.link)

    async def compose(_tx: AsyncConnection, _: TargetState) -> Command:
        return AcceptInvitation(seat, invitation)

    target = existing(SUBSCRIPTION, opened.link.entity)
    submission = await submitter.submit(opened.caller("user"), sent.idempotent_request, target, compose)
    if submission.receipt.state == "refused" and not submission.receipt.deferred:
        page = invitation_page(await open_link(request, "invitation", token), new_nonce(), expired=True)
        return _html(pages_of(request).invitation(page), _status(submission))
    return _sent(request, submission, opened, f"/h/invitation/{token}")


@routes.get("/terms/{store}/{sha256}")
async def show_terms(request: Request, store: str, sha256: str, resources: TheResources) -> Response:
    """The text of terms of sale for people, in the `language` that they ask for (T11, T12). The terms of sale are public."""
    policy = resources.policies.get(store)
    content = None
    if policy is not None:
        context_of(request.scope).store = store
        async with resources.sessions.of(store) as tx:
            content = (await records.read_terms(tx, sha256)).get(sha256)
    if policy is None or content is None:
        raise not_found("No terms of sale")
    wanted = request.query_params.get("language") or request.headers.get("accept-language", "")[:2]
    return _html(pages_of(request).terms(terms_page(policy, TermsText.read(content), wanted.casefold())))
