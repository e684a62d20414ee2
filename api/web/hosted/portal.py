"""The read-only subscription page of a portal link (P2)."""

from __future__ import annotations

from api.web.hosted.links import Opened
from api.web.hosted.page_models import PortalPage
from jalon.domain.due import Due
from jalon.domain.statuses import SubscriptionStatus


def portal_page(opened: Opened) -> PortalPage | None:
    """The page, also after the end, when e-mails that lead here are still read; None before the activation and for a void line (P4, P5)."""
    subscription = opened.subscription
    if subscription.status in (SubscriptionStatus.PENDING_ACTIVATION, SubscriptionStatus.VOID):
        return None
    unpaid, ended = subscription.past_due_since is not None, subscription.ended_at is not None
    renews = None if unpaid else subscription.next_renewal_at
    recovery = (each.due_at for each in subscription.agenda if each.what == Due.RECOVERY)
    return PortalPage(
        language=opened.language,
        store=opened.store,
        product=subscription.product,
        order_number=subscription.number,
        subscription_number=subscription.id,
        purchase_order_number=subscription.purchase_order_number,
        quantity=subscription.quantity,
        renews_at=renews,
        ends_at=subscription.term_end if renews is None and not (ended or unpaid) else None,
        ended_at=subscription.ended_at,
        data_until=subscription.retained_until,
        purged=subscription.status is SubscriptionStatus.PURGED,
        unpaid=unpaid,
        settle_by=next(recovery, None),
    )
