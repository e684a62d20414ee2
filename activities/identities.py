"""A store as its e-mails and pages name it."""

from __future__ import annotations

from jalon.integrations.mail.renderer import StoreIdentity
from jalon.policy.model.store_policy import StorePolicy


def identity_of(policy: StorePolicy, support: str | None = None) -> StoreIdentity:
    """The store's name and routes, each only where its file names one. `support` takes the place of its own contact (T14)."""
    store, routes = policy.store, policy.routes
    return StoreIdentity(
        store.name,
        support or store.support_email,
        store.zone,
        shop_url=store.shop_url,
        vendor=policy.vendor if store.vendor is not None else None,
        faq=routes.faq,
        reseller=routes.reseller,
    )
