"""The subscription behind its portal link, to read (P2)."""

from __future__ import annotations

from datetime import datetime

from api.web.hosted.links import Opened
from api.web.hosted.page_models import PortalPage
from jalon.domain.statuses import SubscriptionStatus


def portal_page(opened: Opened) -> PortalPage | None:
    """The page; None where only an activated subscription could be shown (P4, P5)."""
    view = opened.subscription.view
    if opened.subscription.status != SubscriptionStatus.ACTIVE:
        return None
    renews = datetime.fromisoformat(view["next_renewal_at"]) if view["next_renewal_at"] else None
    return PortalPage(
        language=opened.language,
        store=opened.store,
        product=view["product"],
        order_number=view["number"],
        subscription_number=opened.subscription.id,
        purchase_order_number=view["purchase_order_number"],
        quantity=view["quantity"],
        renews_at=renews,
        ends_at=datetime.fromisoformat(view["term_end"]) if renews is None else None,
    )
