"""What a storefront must know of a store before it can ask for its catalog."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.http.dependencies import Reader, TheResources
from api.v1.answers import STORES
from jalon.policy.model.store_policy import StorePolicy

routes = APIRouter(prefix="/v1", tags=["catalog"])


@routes.get("/stores", responses=STORES, response_model=None)
async def stores(caller: Reader, resources: TheResources) -> Response:
    """The stores the key is good for: whom they sell to, in what currency and language, and how they may be paid."""
    seen = [resources.policies[store] for store in caller.seeing(None) if store in resources.policies]
    return JSONResponse({"data": [_store(policy) for policy in seen]})


def _store(policy: StorePolicy) -> dict[str, Any]:
    store = policy.store
    return {
        "id": store.id,
        "name": store.name,
        "clock": store.clock,
        "zone": store.zone,
        "languages": list(store.languages),
        "currencies": list(store.currencies),
        "countries": list(store.countries),
        "audiences": [
            {"audience": name, "terms": list(audience.terms), "payment_kinds": list(audience.payment_kinds)}
            for name, audience in policy.audiences.items()
        ],
        "support": store.support_email,
    }
