"""The facts of a store that a storefront needs before it asks for the catalog."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.dependencies import Reader, TheResources
from api.http.json_bodies import StrictRoute
from api.v1.responses import LIST
from api.v1.stores.answers import AudienceTerms, Store, StoreList, StoreRoutes, StoreVendor
from jalon.policy.model.store_policy import StorePolicy

routes = APIRouter(prefix="/v1", tags=["catalog"], route_class=StrictRoute)


@routes.get("/stores", responses=LIST)
async def list_stores(caller: Reader, resources: TheResources) -> StoreList:
    """The stores that the key may use: their buyers, currencies, languages and payment methods."""
    seen = [resources.policies[store] for store in caller.seeing(None) if store in resources.policies]
    return StoreList(data=[_store(policy) for policy in seen])


def _store(policy: StorePolicy) -> Store:
    store, vendor = policy.store, policy.vendor
    return Store(
        id=store.id,
        name=store.name,
        clock=store.clock,
        zone=store.zone,
        languages=list(store.languages),
        currencies=list(store.currencies),
        countries=list(store.countries),
        audiences=[
            AudienceTerms(
                audience=name, terms=list(audience.terms), payment_kinds=list(audience.payment_kinds)
            )
            for name, audience in policy.audiences.items()
        ],
        support=store.support_email,
        shop_url=store.shop_url,
        vendor=StoreVendor(
            legal_name=vendor.legal_name,
            address=list(vendor.address),
            registration=vendor.registration,
            vat_id=vendor.vat_id,
        ),
        routes=StoreRoutes(
            sales=policy.route("sales"),
            error=policy.route("error"),
            reseller=policy.route("reseller"),
            trade_compliance=policy.route("trade_compliance"),
            faq=policy.route("faq"),
            old_terms=policy.route("old_terms"),
            order_late=policy.route("order_late"),
        ),
    )
