"""The page of one subscription and what its admin does there, each as a plain form (P2, P9, H24)."""

from __future__ import annotations

import re
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.fields import PurchaseOrderNumber, Reason
from api.http.errors import not_found
from api.http.resources import resources_of
from api.http.writing import existing, submitter_of
from api.web.calendars import deadline_file
from api.web.forms import Sent, check_origin, new_nonce, read_form
from api.web.hosted.error_pages import message
from api.web.hosted.page_models import Form, TermsLink
from api.web.hosted.pages import document_policy, pages_of
from api.web.portal.fresh import asked_before_form, asked_before_page
from api.web.portal.page_models import Happened, ReceiptPage, StopPage, SubscriptionPage, Warned
from api.web.portal.serving import Handlers, serve_to_both
from api.web.portal.sign_in import html
from api.web.portal.successors import asked_to_take_over
from api.web.portal.visits import NEEDS_CODE, Action, Visit, possible
from jalon.domain import events
from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import retention_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.kinds import SUBSCRIPTION
from jalon.inbox.submission import Submission
from jalon.integrations.links import Link
from jalon.persistence.entities import records, timelines
from jalon.persistence.ids import PREFIXES
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.subscription.commands import ChangePurchaseOrder, ResumeRenewal, StopRenewal

HAPPENED_AT_MOST = 100
_REASON: TypeAdapter[str] = TypeAdapter(Reason)
_NUMBER: TypeAdapter[str] = TypeAdapter(PurchaseOrderNumber)
LATE = "late"
SWITCHED = frozenset({"stopped", "resumed"})
DONE = SWITCHED | {"number", "card", "asked", "called_off"}
_RECEIPT = re.compile(rf"{PREFIXES['receipt']}_[0-9a-z]{{26}}")

SWITCHES = frozenset({events.RenewalStopped.name, events.RenewalResumed.name})

routes = APIRouter(include_in_schema=False)


async def show(request: Request, visit: Visit) -> Response:
    """The subscription as it stands; for whom an e-mail leads to its users, those."""
    if visit.visitor is None and visit.purpose is Action.USERS and Action.USERS in visit.offered:
        return RedirectResponse(f"{visit.base}/{Action.USERS}", HTTPStatus.SEE_OTHER)
    done = request.query_params.get("done")
    late: Warned | None = "out_of_date" if done == LATE else None
    receipt = request.query_params.get("receipt", "")
    return await _page(
        request,
        visit,
        done=done if done in DONE else None,
        problem=late,
        receipt=receipt if done in SWITCHED and _RECEIPT.fullmatch(receipt) else None,
    )


async def _page(
    request: Request,
    visit: Visit,
    *,
    done: str | None = None,
    problem: Warned | None = None,
    receipt: str | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    subscription, resources = visit.subscription, resources_of(request)
    happened: tuple[Happened, ...] = ()
    if visit.visitor is not None:
        async with resources.sessions.of(visit.policy.id) as tx:
            items = await timelines.timeline_items(tx, [subscription.id])
        told = [Happened(each.at, each.event) for each in items if each.kind == "event"]
        happened = tuple(reversed(told[-HAPPENED_AT_MOST:]))
    page = SubscriptionPage(
        language=visit.language,
        store=visit.store,
        base=visit.base,
        home=visit.site.base if visit.visitor is not None else None,
        subscription=subscription,
        now=visit.now,
        form=Form(visit.base, {"nonce": new_nonce()}),
        actions=frozenset(str(each) for each in visit.offered),
        milestones=SUBSCRIPTION.milestones(subscription),
        happened=happened,
        contract_url=_contract_url(request, visit),
        signs_in=visit.at_the_portal if visit.visitor is None else None,
        done=done,
        problem=problem,
        seats_used=len(subscription.seats),
        receipt=receipt,
        transfer_to=await asked_to_take_over(request, visit),
        terms=tuple(
            TermsLink(each.layer, each.version, f"/h/terms/{visit.policy.id}/{each.sha256}")
            for each in subscription.terms_documents
        ),
    )
    return html(pages_of(request).show(page), status)


def _contract_url(request: Request, visit: Visit) -> str | None:
    """The contract's page, on which a line that awaits activation is activated too, without its e-mail (H3, P7)."""
    if visit.visitor is None or visit.subscription.document is None:
        return None
    link = Link("contract", visit.policy.id, visit.subscription.id, reader=visit.subscription.admin_names)
    return f"/h/contract/{resources_of(request).links.sign(link)}"


# -- the renewal (D15, H24) ------------------------------------------------------------------------------------------------------


async def show_stop(request: Request, visit: Visit) -> Response:
    """Asks for the reason."""
    if Action.STOP not in visit.offered:
        return RedirectResponse(visit.base, HTTPStatus.SEE_OTHER)
    return await asked_before_page(request, visit) or _stop_page(request, visit, "")


def _stop_page(
    request: Request,
    visit: Visit,
    reason: str,
    *,
    warns: bool = False,
    problem: Warned | None = None,
) -> Response:
    subscription = visit.subscription
    lasts, calendar = Duration.parse(subscription.retention), Calendar(visit.policy.store.zone)
    ends = subscription.term_end or visit.now
    page = StopPage(
        language=visit.language,
        store=visit.store,
        base=visit.base,
        subscription=subscription,
        form=Form(f"{visit.base}/{Action.STOP}", {"nonce": new_nonce()}),
        needs_reason=subscription.stop_needs_reason,
        data_until=retention_closes_at(ends, visit.now, lasts, calendar),
        reason=reason,
        warns=warns,
        problem=problem,
    )
    return html(pages_of(request).show(page), HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK)


async def stop(request: Request, visit: Visit) -> Response:
    """The reason leads to the warning; only the warning's own button stops the renewal (H24)."""
    sent = await _form(request)
    reason = " ".join(sent.fields.get("reason", "").split())
    if Action.STOP not in visit.offered:
        return await _page(request, visit, problem="out_of_date", status=HTTPStatus.CONFLICT)
    if not reason and visit.subscription.stop_needs_reason:
        return _stop_page(request, visit, "", problem="reason_missing")
    if reason and not _fits(_REASON, reason):
        return _stop_page(request, visit, reason, problem="reason_unreadable")
    if sent.fields.get("confirmed") != "yes":
        return _stop_page(request, visit, reason, warns=True)
    return await _do(request, visit, Action.STOP, StopRenewal(reason or None), sent, "stopped")


async def resume(request: Request, visit: Visit) -> Response:
    """Switches the renewal on again, until the same cutoff."""
    sent = await _form(request)
    return await _do(request, visit, Action.RESUME, ResumeRenewal(), sent, "resumed")


async def show_receipt(request: Request, visit: Visit) -> Response:
    """The receipt of a stop or a resumption, as a page, or with `file=yes` as a file to keep."""
    number = request.path_params["receipt"]
    async with resources_of(request).sessions.of(visit.policy.id) as tx:
        told = await timelines.timeline_items(tx, [visit.subscription.id])
    found = [each for each in told if each.event in SWITCHES and each.data.get("receipt") == number]
    if not found:
        raise not_found("No receipt")
    until = found[0].data.get("data_until")
    page = ReceiptPage(
        language=visit.language,
        store=visit.store,
        base=visit.base,
        subscription=visit.subscription,
        receipt=number,
        event=cast(Any, found[0].event),
        at=found[0].at,
        reason=found[0].data.get("reason"),
        data_until=datetime.fromisoformat(until) if until else None,
    )
    shown = html(pages_of(request).show(page))
    if request.query_params.get("file") == "yes":
        shown.headers["Content-Disposition"] = f'attachment; filename="{number}.html"'
    return shown


async def stop_deadline(request: Request, visit: Visit) -> Response:
    """The last day to stop the renewal, for the reader's calendar (D15); where there is none, the page."""
    subscription = visit.subscription
    if Action.STOP not in possible(subscription, visit.now) or subscription.stop_by is None:
        return RedirectResponse(visit.base, HTTPStatus.SEE_OTHER)
    title = pages_of(request).spoken(visit.language, "calendar", "stop", product=subscription.product)
    uid = f"{subscription.id}-stop-{subscription.term_number}"
    return deadline_file(uid, title, subscription.stop_by, visit.store.zone, visit.now)


# -- the purchase-order number (P9, P12) -------------------------------------------------------------------------------------------


async def change_number(request: Request, visit: Visit) -> Response:
    """Changes the customer's own number for this purchase; an empty one takes it away."""
    sent = await _form(request)
    number = sent.fields.get("purchase_order_number", "").strip()
    if number and not _fits(_NUMBER, number):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _page(request, visit, problem="number_unreadable", status=status)
    command = ChangePurchaseOrder(number or None)
    return await _do(request, visit, Action.PURCHASE_ORDER, command, sent, "number")


# -- the contract (P9, H23) --------------------------------------------------------------------------------------------------------


async def download_contract(request: Request, visit: Visit) -> Response:
    """The contract as a file: once it is signed, the copy that shows the signature."""
    if Action.CONTRACT not in visit.offered:
        raise not_found("No contract")
    asked = await asked_before_page(request, visit)
    if asked is not None:
        return asked
    resources, held = resources_of(request), visit.subscription.signed_document or visit.subscription.document
    async with resources.sessions.of(visit.policy.id) as tx:
        document = await records.read_document(tx, held.id) if held else None
        if document is None:
            raise not_found("No contract")
        body = await resources.parties.open_for(tx, document.party, document.body)
    headers = {"Content-Security-Policy": document_policy(body), "Content-Language": document.language}
    headers["Content-Disposition"] = f'attachment; filename="{visit.subscription.id}.html"'
    return Response(body, media_type=document.media_type, headers=headers)


# -- what the actions share --------------------------------------------------------------------------------------------------------


async def _form(request: Request) -> Sent:
    check_origin(request)
    return await read_form(request)


def _fits(field: TypeAdapter[str], text: str) -> bool:
    """Whether the API takes the text in this field."""
    try:
        field.validate_python(text)
    except ValidationError:
        return False
    return True


async def _do(
    request: Request,
    visit: Visit,
    action: Action,
    command: Command,
    sent: Sent,
    done: str,
) -> Response:
    """Submits the command where the reader may do this here, after a code where one is needed."""
    if action not in visit.offered:
        return await _page(request, visit, problem="out_of_date", status=HTTPStatus.CONFLICT)
    if action in NEEDS_CODE:
        asked = await asked_before_form(request, visit, sent)
        if asked is not None:
            return asked
    submission = await _submitted(request, visit, command, sent)
    if submission.receipt.deferred:
        return message(request, "working", HTTPStatus.ACCEPTED, visit)
    if submission.receipt.state == "refused":
        return RedirectResponse(f"{visit.base}?done={LATE}", HTTPStatus.SEE_OTHER)
    then = f"{visit.base}?done={done}&receipt={submission.receipt.id}"
    return RedirectResponse(then, HTTPStatus.SEE_OTHER)


async def _submitted(request: Request, visit: Visit, command: Command, sent: Sent) -> Submission:
    async def compose(_tx: AsyncConnection, _: TargetState) -> Command:
        return command

    target = existing(SUBSCRIPTION, visit.subscription.id)
    return await submitter_of(request).submit(visit.caller, sent.idempotent_request, target, compose)


# -- routes ------------------------------------------------------------------------------------------------------------------------

HANDLERS: Handlers = (
    ("GET", "", show),
    ("GET", f"/{Action.STOP}", show_stop),
    ("POST", f"/{Action.STOP}", stop),
    ("POST", f"/{Action.RESUME}", resume),
    ("GET", "/receipts/{receipt}", show_receipt),
    ("GET", "/deadline.ics", stop_deadline),
    ("POST", f"/{Action.PURCHASE_ORDER}", change_number),
    ("GET", f"/{Action.CONTRACT}", download_contract),
)
serve_to_both(routes, HANDLERS)
