"""Subscriptions: read, activate, sign, assign seats, stop renewal, and change what the admin may change."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.fields import EmailAddress, Id
from api.http.dependencies import Canceller, Reader, Shopper, TheResources
from api.http.errors import not_found, refusal
from api.http.json_bodies import StrictRoute
from api.http.writing import Idempotent, TheSubmitter
from api.v1.lists import AfterId, Limit, StoreQuery, page, read_one, seen
from api.v1.live import Live, read_live
from api.v1.responses import LIST_IN_STORE, READ, WRITE, Responses, problems
from api.v1.subscriptions.answers import (
    Subscription,
    SubscriptionPage,
    subscription_answer,
)
from api.v1.subscriptions.bodies import (
    Activate,
    Because,
    ChangeSubscription,
    Sign,
    Signer,
    StopRenewal,
)
from api.v1.subscriptions.sending import composed, sent, why
from api.v1.targets import known_subscription
from api.web.hosted.signature_evidence import Signature, keep_signature
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.statuses import SubscriptionFact, SubscriptionStatus
from jalon.domain.violations import Violation
from jalon.inbox.caller import Caller
from jalon.inbox.submission import Submitter
from jalon.inbox.writes import IdempotentRequest
from jalon.persistence.entities import records
from jalon.persistence.entities.entities import Filters
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.inbox.targets import TargetState
from jalon.policy.model.store_policy import StorePolicy
from workflows.engine.commands import Command
from workflows.subscription import commands

routes = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=StrictRoute)


@routes.get("", responses=LIST_IN_STORE)
async def list_subscriptions(
    caller: Reader,
    resources: TheResources,
    store: StoreQuery = None,
    status: Annotated[SubscriptionStatus | None, Query()] = None,
    fact: Annotated[
        SubscriptionFact | None, Query(description="Only subscriptions of which this holds.")
    ] = None,
    buyer_email: Annotated[EmailAddress | None, Query()] = None,
    order: Annotated[Id | None, Query()] = None,
    limit: Limit = 20,
    after: AfterId = None,
) -> SubscriptionPage:
    """Subscriptions, newest first."""
    filters = Filters(
        SUBSCRIPTION.name, caller.seeing(store), limit, after=after, status=status, fact=fact, order=order
    )
    data, following = await page(resources, caller, filters, buyer_email, subscription_answer)
    return SubscriptionPage(data=data, has_more=following is not None, next=following)


@routes.get("/{subscription_id}", responses=READ)
async def read_subscription(
    subscription_id: str, caller: Reader, resources: TheResources, live: Live = False
) -> Subscription:
    """One subscription with its present status (P2). With `live` the workflow itself is asked, also after its end."""
    if live:
        shown, compared = await read_live(
            resources, caller, SUBSCRIPTION, subscription_id, subscription_answer
        )
        return replace(shown, live=compared)
    return await read_one(resources, caller, SUBSCRIPTION, subscription_id, subscription_answer)


CONTRACT: Responses = {
    200: {
        "description": "The exact bytes.",
        "content": {"text/html": {"schema": {"type": "string"}}},
        "headers": {
            "ETag": {"description": "The SHA-256 of the bytes.", "schema": {"type": "string"}},
            "Content-Language": {
                "description": "The language it is written in.",
                "schema": {"type": "string"},
            },
            "Content-Disposition": {"description": "A name for the file.", "schema": {"type": "string"}},
        },
    }
}


@routes.get(
    "/{subscription_id}/contract",
    responses=READ | problems(409) | CONTRACT,
    response_class=HTMLResponse,
)
async def read_contract(
    subscription_id: str,
    caller: Reader,
    resources: TheResources,
    signed: Annotated[
        bool, Query(description="`false` for the very bytes that were signed, without the signature.")
    ] = True,
) -> Response:
    """The contract: before the signature the document to sign, after it the copy that shows the signature (H23, T12)."""
    async with resources.sessions.of(*caller.stores) as tx:
        subscription = subscription_of((await seen(tx, SUBSCRIPTION, subscription_id)).view)
        held = (subscription.signed_document if signed else None) or subscription.document
        document = await records.read_document(tx, held.id) if held else None
        if document is None:
            raise not_found("No contract of the subscription")
        body = await resources.parties.open_for(tx, document.party, document.body)
    headers = {"ETag": f'"{document.sha256}"', "Content-Language": document.language}
    headers |= {"Content-Disposition": f'attachment; filename="{subscription_id}.html"'}
    headers |= {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    return Response(body, media_type=document.media_type, headers=headers)


async def _step(
    request: Request,
    caller: Caller,
    idempotent: IdempotentRequest,
    submitter: Submitter,
    subscription_id: str,
    step: str,
    signer: Signer | None,
    document_sha256: str | None,
) -> Subscription | JSONResponse:
    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        evidence = None
        if signer is not None:
            known_subscription(target_state)
            signature = Signature(signer.name, signer.title, document_sha256)
            evidence = await keep_signature(tx, request, caller, target_state, signature)
        return commands.TakeStep(step, "portal", evidence, document_sha256)

    return await composed(caller, idempotent, submitter, subscription_id, compose)


@routes.post("/{subscription_id}/activate", responses=WRITE, response_model=Subscription)
async def activate_subscription(
    request: Request,
    subscription_id: str,
    caller: Shopper,
    idempotent: Idempotent,
    submitter: TheSubmitter,
    body: Activate | None = None,
) -> Subscription | JSONResponse:
    """Activates in the portal (H3, P7). Where the click is the signature, a signer is required (X1)."""
    click = body or Activate()
    signer, shown = click.signer, click.document_sha256
    return await _step(
        request, caller, idempotent, submitter, subscription_id, "click_activate", signer, shown
    )


@routes.post("/{subscription_id}/sign", responses=WRITE, response_model=Subscription)
async def sign_contract(
    request: Request,
    subscription_id: str,
    caller: Shopper,
    idempotent: Idempotent,
    submitter: TheSubmitter,
    body: Sign,
) -> Subscription | JSONResponse:
    """Signs the contract (H4); without a signature nothing is granted. The evidence is encrypted under the buyer's key."""
    return await _step(
        request, caller, idempotent, submitter, subscription_id, "sign", body.signer, body.document_sha256
    )


@routes.post("/{subscription_id}/stop-renewal", responses=WRITE, response_model=Subscription)
async def stop_renewal(
    subscription_id: str,
    caller: Canceller,
    idempotent: Idempotent,
    submitter: TheSubmitter,
    body: StopRenewal | None = None,
) -> Subscription | JSONResponse:
    """Switches automatic renewal off, until the cutoff (D15, D16)."""
    reason = why(caller, body.reason if body else None)
    return await sent(caller, idempotent, submitter, subscription_id, commands.StopRenewal(reason))


@routes.post("/{subscription_id}/resume-renewal", responses=WRITE, response_model=Subscription)
async def resume_renewal(
    subscription_id: str,
    caller: Canceller,
    idempotent: Idempotent,
    submitter: TheSubmitter,
    body: Because | None = None,
) -> Subscription | JSONResponse:
    """Switches automatic renewal on again, until the same cutoff (D15)."""
    reason = why(caller, body.reason if body else None)
    return await sent(caller, idempotent, submitter, subscription_id, commands.ResumeRenewal(reason))


@routes.patch("/{subscription_id}", responses=WRITE, response_model=Subscription)
async def change_subscription(
    subscription_id: str,
    body: ChangeSubscription,
    caller: Shopper,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Subscription | JSONResponse:
    """Changes the purchase-order number or the payment method (P9, P10, P12)."""

    async def compose(_: AsyncConnection, target_state: TargetState) -> Command:
        if body.payment_method is None:
            return commands.ChangePurchaseOrder(body.purchase_order_number)
        _check_kind(resources.policies[target_state.store or ""], body.payment_method.kind)
        return commands.ChangePaymentMethod(body.payment_method.token)

    return await composed(caller, idempotent, submitter, subscription_id, compose)


def _check_kind(policy: StorePolicy, kind: str) -> None:
    """Raises Problem for a kind of payment that the store does not take."""
    kinds: tuple[str, ...] = policy.rules.payment.kinds
    if kind not in kinds:
        message = f'{policy.store.name} takes {", ".join(kinds)}, not "{kind}"'
        violation = Violation(ErrorCode.PAYMENT_KIND_NOT_OFFERED, message, "/payment_method/kind", "D8")
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, [violation])
