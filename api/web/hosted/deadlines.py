"""The deadline of a contract as a file for the reader's calendar (P5)."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.web.calendars import deadline_file
from api.web.hosted.contract import Contract
from api.web.hosted.links import open_link
from api.web.hosted.pages import pages_of

routes = APIRouter(prefix="/h", include_in_schema=False)


@routes.get("/contract/{token}/deadline.ics")
async def contract_deadline(request: Request, token: str) -> Response:
    """The last day to activate; where nothing is to be activated any more, the contract's page."""
    opened = await open_link(request, "contract", token)
    contract = Contract(opened.subscription, opened.policy, opened.now)
    if contract.state != "awaiting" or contract.activate_by is None:
        return RedirectResponse(f"/h/contract/{token}", HTTPStatus.SEE_OTHER)
    title = pages_of(request).spoken(
        opened.language, "calendar", "activate", product=opened.subscription.product
    )
    uid = f"{opened.subscription.id}-activation"
    return deadline_file(uid, title, contract.activate_by, opened.store.zone, opened.now)
