"""The footer of every page: the answers to frequent questions, and the help for resellers, where the store names them (D18, T16)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jalon.integrations.mail.formats import Language
from tests.api.web.hosted.test_pages import MESSAGE, PAGES, every_page, languages
from tests.jalon.integrations.mail.samples import STORE

PROMISED = ("frequent", "fréquentes", "esellers", "evendeurs")


@pytest.mark.rule("T16", "D18")
@languages
def test_every_page_and_every_page_of_an_error_leads_to_them(language: Language) -> None:
    for page in every_page(language):
        footer = page.partition("<footer")[2]
        assert f'href="{STORE.faq}"' in footer
        assert f'href="{STORE.reseller}"' in footer


@pytest.mark.rule("T16", "D18")
@languages
def test_a_store_that_names_none_promises_none(language: Language) -> None:
    bare = replace(STORE, faq=None, reseller=None)
    error = PAGES.message(replace(MESSAGE, language=language, store=bare))
    for page in (error, *every_page(language, store=bare)[:-4]):
        footer = page.partition("<footer")[2]
        assert [said for said in PROMISED if said in footer] == []
