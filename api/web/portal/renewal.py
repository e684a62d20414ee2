"""Stopping the renewal and switching it on again, with a receipt for each (D15, H24)."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter

from api.fields import Reason
from api.http.errors import not_found
from api.http.resources import resources_of
from api.web.calendars import deadline_file
from api.web.forms import new_nonce
from api.web.hosted.page_models import Form
from api.web.hosted.pages import pages_of
from api.web.portal.acting import SWITCHES, fits, form_of, submit, subscription_page
from api.web.portal.fresh import asked_before_page
from api.web.portal.page_models import ReceiptPage, StopPage, Warned
from api.web.portal.serving import Handlers, serve_to_both
from api.web.portal.sign_in import html
from api.web.portal.visits import Action, Visit, possible
from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import retention_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.persistence.entities import timelines
from workflows.subscription.commands import ResumeRenewal, StopRenewal

_REASON: TypeAdapter[str] = TypeAdapter(Reason)

routes = APIRouter(include_in_schema=False)


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
    ends = subscription.usable_until or visit.now
    if subscription.charge_waits_for is not None:
        ends = visit.now
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
    sent = await form_of(request)
    reason = " ".join(sent.fields.get("reason", "").split())
    if Action.STOP not in visit.offered:
        return await subscription_page(request, visit, problem="out_of_date", status=HTTPStatus.CONFLICT)
    if not reason and visit.subscription.stop_needs_reason:
        return _stop_page(request, visit, "", problem="reason_missing")
    if reason and not fits(_REASON, reason):
        return _stop_page(request, visit, reason, problem="reason_unreadable")
    if sent.fields.get("confirmed") != "yes":
        return _stop_page(request, visit, reason, warns=True)
    return await submit(request, visit, Action.STOP, StopRenewal(reason or None), sent, "stopped")


async def resume(request: Request, visit: Visit) -> Response:
    """Switches the renewal on again, until the same cutoff."""
    sent = await form_of(request)
    return await submit(request, visit, Action.RESUME, ResumeRenewal(), sent, "resumed")


async def show_receipt(request: Request, visit: Visit) -> Response:
    """The receipt of a stop or a resumption, as a page, or with `file=yes` as a file to keep; after a code where somebody is signed in."""
    number = request.path_params["receipt"]
    async with resources_of(request).sessions.of(visit.policy.id) as tx:
        told = await timelines.timeline_items(tx, [visit.subscription.id])
    found = [each for each in told if each.event in SWITCHES and each.data.get("receipt") == number]
    if not found:
        raise not_found("No receipt")
    asked = await asked_before_page(request, visit)
    if asked is not None:
        return asked
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
    wait = subscription.charge_waits_for
    stop_by = subscription.stop_by if wait is None else wait.until
    if Action.STOP not in possible(subscription, visit.now) or stop_by is None:
        return RedirectResponse(visit.base, HTTPStatus.SEE_OTHER)
    title = pages_of(request).spoken(visit.language, "calendar", "stop", product=subscription.product)
    uid = f"{subscription.id}-stop-{subscription.term_number}"
    return deadline_file(uid, title, stop_by, visit.store.zone, visit.now)


HANDLERS: Handlers = (
    ("GET", f"/{Action.STOP}", show_stop),
    ("POST", f"/{Action.STOP}", stop),
    ("POST", f"/{Action.RESUME}", resume),
    ("GET", "/receipts/{receipt}", show_receipt),
    ("GET", "/deadline.ics", stop_deadline),
)
serve_to_both(routes, HANDLERS)
