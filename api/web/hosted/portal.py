"""The read-only subscription page of a portal link (P2)."""

from __future__ import annotations

from api.web.hosted.links import Opened
from api.web.hosted.page_models import PortalPage
from jalon.domain.statuses import SubscriptionStatus


def portal_page(opened: Opened) -> PortalPage | None:
    """The page; None unless the subscription is active (P4, P5)."""
    subscription = opened.subscription
    if subscription.status is not SubscriptionStatus.ACTIVE:
        return None
    renews = subscription.next_renewal_at
    return PortalPage(
        language=opened.language,
        store=opened.store,
        product=subscription.product,
        order_number=subscription.number,
        subscription_number=subscription.id,
        purchase_order_number=subscription.purchase_order_number,
        quantity=subscription.quantity,
        renews_at=renews,
        ends_at=subscription.term_end if renews is None else None,
    )
