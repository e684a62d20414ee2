"""The page of a payment, the way to the provider's page where a card is given, and the way back (P9, P10, X3, X22)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.http.resources import resources_of
from api.web.forms import check_origin, new_nonce, read_form
from api.web.hosted.error_pages import message
from api.web.hosted.page_models import Form
from api.web.hosted.pages import pages_of
from api.web.paying import cards
from api.web.paying.page_models import DeparturePage, PaymentPage, Problem, Shown
from api.web.paying.payers import Payer, at_portal, by_link, contract_link
from api.web.portal.fresh import asked_before_form
from api.web.portal.sign_in import html
from api.web.portal.visits import Action
from jalon.domain.statuses import SubscriptionStatus
from jalon.inbox.rejections import StillInProgress
from jalon.integrations.payments.port import ProviderTimeout, ProviderUnreachable

routes = APIRouter(include_in_schema=False)
Handler = Callable[[Request, Payer], Awaitable[Response]]

RELOADED_AFTER = 3
"""Seconds until a page that waits for us, or for the bank, asks again."""
ASKS_AT_MOST = 10
"""How often a page that a buyer comes back to from the bank asks, before it offers the bank again."""
FROM_BANK, GIVEN, SAYS = "bank", "given", "says"
_SAID: dict[str, Problem] = {"none": "nothing_given", "offer": "offer_changed", "late": "out_of_date"}


async def show(request: Request, payer: Payer) -> Response:
    """What is owed as it stands. A GET changes nothing."""
    asked = _asked(request)
    if payer.debt.state == "confirm" and asked is not None and asked < ASKS_AT_MOST:
        return _page(request, payer, state="working", refresh=f"; url={payer.base}?{FROM_BANK}={asked + 1}")
    said = _SAID.get(request.query_params.get(SAYS, ""))
    return _page(request, payer, problem=said if payer.may_give_card or said == "out_of_date" else None)


def _asked(request: Request) -> int | None:
    """How often the page of a buyer who came back from the bank asked already; None for one who did not."""
    text = request.query_params.get(FROM_BANK, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(ASKS_AT_MOST)) else None


def _page(
    request: Request,
    payer: Payer,
    *,
    state: Shown | None = None,
    problem: Problem | None = None,
    refresh: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    debt = payer.debt
    given = request.query_params.get(GIVEN) is not None
    state = state or ("change" if payer.changes_card and not given else debt.state)
    gives = payer.may_give_card and state in ("declined", "confirm", "change") and problem != "offer_changed"
    page = PaymentPage(
        language=payer.language,
        store=payer.store,
        state=state,
        occasion=debt.occasion,
        amount=debt.amount,
        product=debt.products[0],
        more_lines=len(debt.products) - 1,
        order_number=debt.order_number,
        settle_by=debt.settle_by,
        code=debt.code,
        form=Form(f"{payer.base}/card", {"nonce": new_nonce()}) if gives else None,
        bank_url=_bank_url(request, payer) if state == "confirm" else None,
        portal_url=payer.portal,
        contract_url=_contract_url(request, payer),
        home=payer.visit.base if payer.visit else None,
        problem=problem,
    )
    shown = html(pages_of(request).show(page), status)
    if state == "working":
        shown.headers["Refresh"] = f"{RELOADED_AFTER}{refresh}"
    return shown


def _bank_url(request: Request, payer: Payer) -> str | None:
    """Where the payment is confirmed, from where the buyer comes back to this page."""
    if payer.debt.bank_url is None:
        return None
    back = cards.address_of(request, f"{payer.base}?{FROM_BANK}=0")
    return cards.provider_of(request, payer).returning(payer.debt.bank_url, back)


def _contract_url(request: Request, payer: Payer) -> str | None:
    """The contract, for a line that is being activated."""
    link = contract_link(payer) if payer.paid_for.status is SubscriptionStatus.PENDING_ACTIVATION else None
    return f"/h/contract/{resources_of(request).links.sign(link)}" if link else None


# -- the way to the provider and back --------------------------------------------------------------------------------------------


async def leave(request: Request, payer: Payer) -> Response:
    """Leads to the provider's page where a card is given, after a code where somebody is signed in.

    The browser goes on from a page of ours: a form may not lead to another site (form-action).
    """
    check_origin(request)
    sent = await read_form(request)
    if not payer.may_give_card:
        return _page(request, payer, problem="out_of_date", status=HTTPStatus.CONFLICT)
    asked = await asked_before_form(request, payer.visit, sent) if payer.visit else None
    if asked is not None:
        return asked
    try:
        setup = await cards.begin(request, payer, sent)
    except (ProviderUnreachable, ProviderTimeout):
        return _page(request, payer, problem="unreachable", status=HTTPStatus.SERVICE_UNAVAILABLE)
    page = DeparturePage(payer.language, payer.store, payer.debt.order_number, setup.url)
    shown = html(pages_of(request).show(page))
    shown.headers["Refresh"] = f"0; url={setup.url}"
    return shown


async def come_back(request: Request, payer: Payer) -> Response:
    """Tries the card that was given in the session; the provider says which, never the address of the page.

    What takes effect here was decided by the form at the provider, and takes effect once, however often this page is loaded.
    """
    session = request.path_params["session"]
    try:
        method = await cards.given_card(request, payer, session)
    except ProviderUnreachable:
        return _page(request, payer, state="working")
    if method is None:
        return _to(payer, {SAYS: "none"})
    return await _try(request, payer, session, method) if payer.may_try_card else _to(payer, {GIVEN: "yes"})


async def _try(request: Request, payer: Payer, session: str, method: str) -> Response:
    try:
        submission = await cards.try_card(request, payer, session, method)
    except StillInProgress:
        return _page(request, payer, state="working")
    if submission.receipt.deferred:
        return message(request, "working", HTTPStatus.ACCEPTED, payer)
    if submission.receipt.state == "refused":
        return _to(payer, {SAYS: "offer" if payer.is_order else "late"})
    if payer.visit is not None and payer.changes_card and cards.PAYS not in request.query_params:
        return RedirectResponse(f"{payer.visit.base}?done=card", HTTPStatus.SEE_OTHER)
    return _to(payer, {GIVEN: "yes"})


def _to(payer: Payer, query: dict[str, str]) -> Response:
    asked = f"?{urlencode(query)}" if query else ""
    return RedirectResponse(f"{payer.base}{asked}", HTTPStatus.SEE_OTHER)


# -- routes ------------------------------------------------------------------------------------------------------------------------

HANDLERS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "", show),
    ("POST", "/card", leave),
    ("GET", "/card/{session}", come_back),
)
READERS: tuple[tuple[str, Callable[[Request], Awaitable[Payer]]], ...] = (
    ("/h/payment/{token}", by_link),
    (f"/portal/{{store}}/{{country}}/subscriptions/{{subscription}}/{Action.PAYMENT_METHOD}", at_portal),
)


def _served(find: Callable[[Request], Awaitable[Payer]], handler: Handler) -> Callable[..., Any]:
    async def serve(request: Request) -> Response:
        return await handler(request, await find(request))

    return serve


for path, find in READERS:
    for method, suffix, handler in HANDLERS:
        routes.add_api_route(
            path + suffix,
            _served(find, handler),
            methods=[method],
            name=f"{handler.__name__}_{find.__name__}",
            response_model=None,
        )
