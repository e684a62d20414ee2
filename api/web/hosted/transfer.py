"""The page of a transfer's link: the person who was asked takes over the administration there (X11, H14, P11)."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.resources import resources_of
from api.http.writing import TheSubmitter, existing
from api.web.forms import new_nonce, read_form
from api.web.hosted.error_pages import message
from api.web.hosted.links import Opened, country_of, open_link, transfer_of
from api.web.hosted.page_models import Form, TransferPage, TransferState
from api.web.hosted.pages import PAGE_POLICY, pages_of
from jalon.domain import events
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.statuses import SubscriptionStatus
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.subscription.commands import AcceptTransfer

routes = APIRouter(prefix="/h", include_in_schema=False)


@routes.get("/transfer/{token}")
async def show_transfer(request: Request, token: str) -> Response:
    """What the person takes over, from whom and until when; or what became of it."""
    return await _page(request, await open_link(request, "transfer", token))


@routes.post("/transfer/{token}")
async def accept_transfer(request: Request, token: str, submitter: TheSubmitter) -> Response:
    """Takes the administration over, judged by the receipt (G3)."""
    opened = await open_link(request, "transfer", token)
    sent = await read_form(request)

    async def compose(_tx: AsyncConnection, _: TargetState) -> Command:
        return AcceptTransfer(transfer_of(opened.link))

    target = existing(SUBSCRIPTION, opened.link.entity)
    submission = await submitter.submit(opened.caller("user"), sent.idempotent_request, target, compose)
    if submission.receipt.deferred:
        return message(request, "working", HTTPStatus.ACCEPTED, opened)
    if submission.receipt.state == "refused":
        late = await open_link(request, "transfer", token)
        return await _page(request, late, status=HTTPStatus.CONFLICT)
    return RedirectResponse(f"/h/transfer/{token}", HTTPStatus.SEE_OTHER)


def state_of(opened: Opened) -> TransferState:
    """The state that the page shows. It only selects the page: the workflow decides by the receipt."""
    subscription, became = opened.subscription, opened.became
    if became is not None and became.event == events.AdminTransferred.name:
        return "accepted"
    if subscription.status is not SubscriptionStatus.ACTIVE:
        return "ended"
    if became is not None and became.event == events.AdminTransferRefused.name:
        return "refused"
    pending = subscription.transfer
    if pending is not None and pending.number == transfer_of(opened.link):
        if not pending.is_open:
            return "held"
        return "open" if opened.now < pending.accept_by else "lapsed"
    lapsed = became is not None and became.accept_by is not None
    return "lapsed" if lapsed else "called_off"


def _accept_by(opened: Opened) -> datetime | None:
    """Until when the transfer is or was open, where it is pending or lapsed."""
    if opened.became is not None:
        return opened.became.accept_by
    pending = opened.subscription.transfer
    return pending.accept_by if pending and pending.number == transfer_of(opened.link) else None


async def _page(request: Request, opened: Opened, status: int = HTTPStatus.OK) -> Response:
    subscription, state, resources = opened.subscription, state_of(opened), resources_of(request)
    asked_by, portal_url = "", None
    async with resources.sessions.of(opened.link.store) as tx:
        if state == "open":
            people = await resources.parties.read(tx, subscription.admin_names)
            admin = people.get(subscription.admin_names)
            asked_by = (admin.name or admin.email) if admin else ""
        if state == "accepted" and opened.reader and opened.reader.id == subscription.admin:
            site = f"/portal/{opened.link.store}/{await country_of(tx, subscription)}"
            portal_url = f"{site}/subscriptions/{subscription.id}"
    page = TransferPage(
        language=opened.language,
        store=opened.store,
        state=state,
        product=subscription.product,
        quantity=subscription.quantity,
        order_number=subscription.number,
        accept_by=_accept_by(opened),
        form=Form(f"/h/transfer/{opened.token}", {"nonce": new_nonce()}),
        asked_by=asked_by,
        renews_at=subscription.next_renewal_at,
        renewal_amount=subscription.renewal_amount,
        term_end=subscription.usable_until,
        portal_url=portal_url,
    )
    headers = {"Content-Security-Policy": PAGE_POLICY}
    return HTMLResponse(pages_of(request).transfer(page), status, headers=headers)
