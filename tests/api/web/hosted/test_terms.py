"""The page of terms of sale leads to who answers about former ones, and every page to the store's answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.web.hosted.terms import terms_page
from jalon.domain.terms_texts import TermsText
from jalon.policy.authoring.loader import load_stores
from tests.api.web.hosted.test_pages import PAGES

STORES = load_stores(Path(__file__).parents[4] / "stores")


@pytest.mark.rule("T12", "D18", "T16")
@pytest.mark.parametrize(
    ("store", "contact"),
    [
        ("geomatics", "mailto:technical-support@geomatics.example.com"),
        ("lifecycle", "https://lifecycle.example.com/purchase-questions"),
        ("geomatics", "https://geomatics.example.com/resellers"),
    ],
    ids=["old_terms", "faq", "reseller"],
)
def test_a_route_of_the_store_is_on_its_page_of_terms(store: str, contact: str) -> None:
    policy = STORES[store]
    terms = TermsText.read(policy.documents[0].content)
    assert f'href="{contact}"' in PAGES.terms(terms_page(policy, terms, "en"))
