"""The page of one subscription and what its admin does there, each as a plain form (P2, P9, H24)."""

from __future__ import annotations

import re
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter

from api.fields import PurchaseOrderNumber
from api.http.errors import not_found
from api.http.resources import resources_of
from api.web.hosted.pages import document_policy
from api.web.portal.acting import LATE, fits, form_of, submit, subscription_page
from api.web.portal.fresh import asked_before_page
from api.web.portal.page_models import Warned
from api.web.portal.serving import Handlers, serve_to_both
from api.web.portal.visits import Action, Visit
from jalon.persistence.entities import records
from jalon.persistence.ids import PREFIXES
from workflows.subscription.commands import ChangePurchaseOrder

_NUMBER: TypeAdapter[str] = TypeAdapter(PurchaseOrderNumber)
SWITCHED = frozenset({"stopped", "resumed"})
DONE = SWITCHED | {"number", "card", "asked", "called_off", "held"}
_PAGES = (Action.USERS, Action.WHO_STAYS)
"""What an e-mail can be about that has a page of its own."""
_RECEIPT = re.compile(rf"{PREFIXES['receipt']}_[0-9a-z]{{26}}")

routes = APIRouter(include_in_schema=False)


async def show(request: Request, visit: Visit) -> Response:
    """The subscription as it stands; for whom an e-mail leads to its users, or to the choice of who stays, that."""
    if visit.visitor is None and visit.purpose in _PAGES and visit.purpose in visit.offered:
        return RedirectResponse(f"{visit.base}/{visit.purpose}", HTTPStatus.SEE_OTHER)
    done = request.query_params.get("done")
    late: Warned | None = "out_of_date" if done == LATE else None
    receipt = request.query_params.get("receipt", "")
    return await subscription_page(
        request,
        visit,
        done=done if done in DONE else None,
        problem=late,
        receipt=receipt if done in SWITCHED and _RECEIPT.fullmatch(receipt) else None,
    )


async def change_number(request: Request, visit: Visit) -> Response:
    """Changes the customer's own number for this purchase; an empty one takes it away."""
    sent = await form_of(request)
    number = sent.fields.get("purchase_order_number", "").strip()
    if number and not fits(_NUMBER, number):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await subscription_page(
            request, visit, problem="number_unreadable", number=number, status=status
        )
    command = ChangePurchaseOrder(number or None)
    return await submit(request, visit, Action.PURCHASE_ORDER, command, sent, "number")


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


# -- routes ------------------------------------------------------------------------------------------------------------------------

HANDLERS: Handlers = (
    ("GET", "", show),
    ("POST", f"/{Action.PURCHASE_ORDER}", change_number),
    ("GET", f"/{Action.CONTRACT}", download_contract),
)
serve_to_both(routes, HANDLERS)
