"""What the actions of a subscription's page share: the form, the code where one is needed, the command, and the page as it then stands."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.resources import resources_of
from api.http.writing import existing, submitter_of
from api.web.forms import Sent, check_origin, new_nonce, read_form
from api.web.hosted.error_pages import message
from api.web.hosted.page_models import Form, TermsLink
from api.web.hosted.pages import pages_of
from api.web.portal.fresh import asked_before_form
from api.web.portal.page_models import Happened, SubscriptionPage, Warned
from api.web.portal.sign_in import html
from api.web.portal.successors import asked_to_take_over
from api.web.portal.visits import NEEDS_CODE, Action, Visit
from jalon.domain import events
from jalon.domain.kinds import SUBSCRIPTION
from jalon.inbox.submission import Submission
from jalon.integrations.links import Link
from jalon.persistence.entities import timelines
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command

HAPPENED_AT_MOST = 100
LATE = "late"
SWITCHES = frozenset({events.RenewalStopped.name, events.RenewalResumed.name})
"""The events that have a receipt: the stop of the renewal and its resumption (D15, H24)."""


async def form_of(request: Request) -> Sent:
    """The form that our own page sent. Raises Problem for another's."""
    check_origin(request)
    return await read_form(request)


def fits(field: TypeAdapter[str], text: str) -> bool:
    """Whether the API takes the text in this field."""
    try:
        field.validate_python(text)
    except ValidationError:
        return False
    return True


async def submit(
    request: Request, visit: Visit, action: Action, command: Command, sent: Sent, done: str
) -> Response:
    """Submits the command where the reader may do this here, after a code where one is needed."""
    if action not in visit.offered:
        return await subscription_page(request, visit, problem="out_of_date", status=HTTPStatus.CONFLICT)
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


async def subscription_page(
    request: Request,
    visit: Visit,
    *,
    done: str | None = None,
    problem: Warned | None = None,
    receipt: str | None = None,
    number: str | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    """The page of the subscription as it stands, with what was just done or could not be; `number` is what was typed as its own number."""
    subscription, asked = visit.subscription, await asked_to_take_over(request, visit)
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
        happened=await _happened(request, visit),
        contract_url=_contract_url(request, visit),
        signs_in=visit.at_the_portal if visit.visitor is None else None,
        done=done,
        problem=problem,
        seats_used=len(subscription.seats),
        receipt=receipt,
        number=(subscription.purchase_order_number or "") if number is None else number,
        transfer_to=(asked.name or asked.email) if asked else None,
        transfer_unreached=asked.email if asked and asked.undeliverable else None,
        terms=tuple(
            TermsLink(each.layer, each.version, f"/h/terms/{visit.policy.id}/{each.sha256}")
            for each in subscription.terms_documents
        ),
    )
    return html(pages_of(request).show(page), status)


async def _happened(request: Request, visit: Visit) -> tuple[Happened, ...]:
    """What happened so far, the newest first; for the holder of a link only the switches."""
    async with resources_of(request).sessions.of(visit.policy.id) as tx:
        if visit.visitor is None:
            items = await timelines.told(tx, visit.subscription.id, *SWITCHES)
        else:
            items = await timelines.timeline_items(tx, [visit.subscription.id])
    told = [
        Happened(each.at, each.event, each.data.get("receipt") if each.event in SWITCHES else None)
        for each in items
        if each.kind == "event"
    ]
    return tuple(reversed(told[-HAPPENED_AT_MOST:]))


def _contract_url(request: Request, visit: Visit) -> str | None:
    """The contract's page, on which a line that awaits activation is activated too, without its e-mail (H3, P7)."""
    if visit.visitor is None or visit.subscription.document is None:
        return None
    link = Link("contract", visit.policy.id, visit.subscription.id, reader=visit.subscription.admin_names)
    return f"/h/contract/{resources_of(request).links.sign(link)}"
