"""The documents of a subscription: its contract, and the copy that shows the signature (H4, H23)."""

from __future__ import annotations

from activities.contracts.documents import (
    DRAW_UP_CONTRACT,
    DRAW_UP_SIGNED_COPY,
    ContractRequest,
    SignedCopyRequest,
)
from workflows.engine.state import known
from workflows.subscription.life import SubscriptionLife


async def draw_up(subscription: SubscriptionLife) -> None:
    """Draws up the contract that is shown and signed (H4)."""
    state = subscription.state
    request = ContractRequest(
        store=state.store,
        subscription=state.id,
        order_number=state.number,
        buyer=state.buyer,
        billing_address=state.billing_address,
        line=known(state.line),
        terms=known(state.terms),
        ordered_at=known(state.ordered_at),
        activate_by=state.activation_by,
        at=state.now,
        buyer_names=state.buyer_names,
    )
    drawn = await subscription.local(DRAW_UP_CONTRACT, request)
    state.document, state.document_sha256 = drawn.document, drawn.sha256


async def draw_up_signed_copy(subscription: SubscriptionLife) -> None:
    """Draws up the copy that shows the signature, in the transition that records it (H23)."""
    state = subscription.state
    request = SignedCopyRequest(
        store=state.store,
        subscription=state.id,
        document=known(state.document),
        evidence=known(state.evidence),
        signed_at=state.steps_done["sign"],
        zone=known(state.terms).zone,
        documents=known(state.line).documents,
    )
    drawn = await subscription.local(DRAW_UP_SIGNED_COPY, request)
    state.signed_document, state.signed_document_sha256 = drawn.document, drawn.sha256
