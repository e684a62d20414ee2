"""The page of a link that opens nothing: whom to ask, where it cannot say whose link it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from api.http.request_context import RequestContext
from api.web.hosted.error_pages import STORES_NAMED_AT_MOST, error_page
from api.web.hosted.links import unknown_link
from jalon.policy.authoring.loader import load_stores
from jalon.policy.model.store_policy import StorePolicy
from tests.api.web.hosted.test_pages import PAGES

STORES = load_stores(Path(__file__).parents[4] / "stores")
NOBODY = "orders@example.com"
"""The sender of the installation's e-mails, an address that no store reads."""


def wrong_link(stores: Mapping[str, StorePolicy]) -> str:
    """The page of a forged link on an installation with these stores."""
    settings = SimpleNamespace(mail_sender=f"Jalon <{NOBODY}>", public_url="https://shop.example.com")
    resources = SimpleNamespace(policies=stores, settings=settings)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/h/portal/forged",
        "headers": [],
        "query_string": b"",
        "app": SimpleNamespace(state=SimpleNamespace(resources=resources, pages=PAGES)),
        "state": {"context": RequestContext()},
    }
    return bytes(error_page(Request(scope), unknown_link()).body).decode()


@pytest.mark.rule("T15", "T16")
def test_a_wrong_link_names_the_support_of_every_store_where_they_are_few() -> None:
    page = wrong_link(STORES)
    for policy in STORES.values():
        assert f'href="mailto:{policy.store.support_email}"' in page
        if policy.routes.reseller is not None:
            assert f'href="{policy.routes.reseller}"' in page
    assert NOBODY not in page


@pytest.mark.rule("T15")
def test_where_stores_are_many_a_wrong_link_names_the_installation() -> None:
    (policy, *_) = STORES.values()
    page = wrong_link({f"store-{number}": policy for number in range(STORES_NAMED_AT_MOST + 1)})
    assert NOBODY in page
    assert policy.store.support_email not in page
