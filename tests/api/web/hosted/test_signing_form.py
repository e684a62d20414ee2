"""The signing form: what was filled in comes back, and each error is tied to its field."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import pytest

from api.web.hosted.page_models import Problem, Step, TermsLink
from jalon.domain.vendors import Vendor
from jalon.integrations.mail.formats import Language
from tests.api.web.hosted.test_pages import CONTRACT, MESSAGE, PAGES, languages
from tests.jalon.integrations.mail.samples import STORE

BOTH: tuple[Problem, ...] = ("signer_name_missing", "consent_missing")


def tag(page: str, name: str) -> str:
    """The field of that name, as written."""
    (found,) = re.findall(rf'<input id="{name}"[^>]*>', page)
    return str(found)


@languages
def test_each_error_is_tied_to_its_field(language: Language) -> None:
    page = PAGES.contract(replace(CONTRACT, language=language, problems=BOTH))
    for field in ("signer_name", "consent"):
        assert f'<a href="#{field}">' in page
        assert 'aria-invalid="true"' in tag(page, field)
        (described,) = re.findall(r'aria-describedby="([^"]+)"', tag(page, field))
        assert f'id="{described}"' in page
    assert "autofocus" in tag(page, "signer_name")
    assert page.count("autofocus") == 1
    assert re.search(r"<title>(Error|Erreur)", page)


def test_the_first_wrong_field_has_the_focus_and_a_right_one_no_mark() -> None:
    page = PAGES.contract(replace(CONTRACT, problems=("consent_missing",), signer_name="Ana"))
    assert "autofocus" in tag(page, "consent")
    assert "aria" not in tag(page, "signer_name")
    assert "aria-invalid" not in PAGES.contract(CONTRACT)


def test_what_was_filled_in_comes_back() -> None:
    page = PAGES.contract(
        replace(CONTRACT, problems=BOTH, signer_name="Ana", signer_title="Director", consented=True)
    )
    assert 'value="Ana"' in tag(page, "signer_name")
    assert 'value="Director"' in tag(page, "signer_title")
    assert " checked" in tag(page, "consent")
    assert " checked" not in tag(PAGES.contract(CONTRACT), "consent")


def test_a_page_that_was_out_of_date_asks_for_no_correction() -> None:
    page = PAGES.contract(replace(CONTRACT, problems=("out_of_date",)))
    assert "This page was out of date" in page
    assert "Please correct" not in page


@pytest.mark.rule("H1", "X1")
@pytest.mark.parametrize(
    ("step", "number", "count", "merged", "heading"),
    [
        ("open_contract", 1, 3, False, "Step 1 of 3: read the contract"),
        ("click_activate", 2, 3, False, "Step 2 of 3: activate"),
        ("sign", 3, 3, False, "Step 3 of 3: sign the contract"),
        ("click_activate", 2, 2, True, "Step 2 of 2: activate and sign"),
    ],
)
def test_title_and_heading_say_which_step_it_is(
    step: Step, number: int, count: int, merged: bool, heading: str
) -> None:
    page = PAGES.contract(
        replace(CONTRACT, step=step, step_number=number, step_count=count, click_is_signature=merged)
    )
    assert f"<h1>{heading}</h1>" in page
    assert f"<title>{heading} – {CONTRACT.product}</title>" in page


OPTICS = replace(
    CONTRACT.store,
    vendor=Vendor("Optics SAS", ("8 rue du Prisme", "31000 Toulouse"), "RCS Toulouse 000 345 678"),
    faq="https://optics.example.com/questions",
)


@pytest.mark.rule("H19", "D18")
def test_the_tick_box_links_the_terms_and_the_footer_names_the_vendor() -> None:
    links = (TermsLink("general", "2026-01", "/h/terms/optics/ab"),)
    page = PAGES.contract(replace(CONTRACT, store=OPTICS, terms=links))
    assert '<a href="/h/terms/optics/ab?language=en"' in page
    assert "General terms, version 2026-01" in page
    footer = page.partition("<footer")[2]
    assert "Optics SAS, 8 rue du Prisme, 31000 Toulouse, RCS Toulouse 000 345 678" in footer
    assert 'href="https://optics.example.com/questions"' in footer


@pytest.mark.rule("P5")
def test_the_page_of_a_lapsed_order_does_not_say_that_its_link_is_dead() -> None:
    page = PAGES.contract(replace(CONTRACT, state="expired", step=None))
    assert "link" not in page.partition("<main")[2].partition("<footer")[0]


@pytest.mark.rule("T15", "T16")
def test_a_wrong_link_names_the_stores_where_they_are_few() -> None:
    few = replace(MESSAGE, kind="link_invalid", store=None, support="nobody@example.com")
    page = PAGES.message(replace(few, contacts=(replace(STORE, support_email="support@optics.example.com"),)))
    assert 'href="mailto:support@optics.example.com"' in page
    assert "nobody@example.com" not in page
    assert f'href="{STORE.reseller}"' in page
    assert MESSAGE.reference in page


@pytest.mark.rule("H23")
@pytest.mark.parametrize("state", ["working", "payment", "active"])
@pytest.mark.parametrize("signed", [True, False])
def test_a_copy_is_called_signed_only_where_it_is(
    state: Literal["working", "payment", "active"], signed: bool
) -> None:
    page = PAGES.contract(replace(CONTRACT, state=state, step=None, signed=signed))
    assert f'href="{CONTRACT.document_url}"' in page
    assert ("The signed contract" in page) is signed
    assert ("signature" in page.lower() or "Signed." in page) is (signed and state != "active")


@pytest.mark.rule("H5")
@languages
def test_after_the_signature_the_page_goes_on_to_the_shop_unless_its_reader_stays(language: Language) -> None:
    page = PAGES.contract(replace(CONTRACT, language=language, state="active", returning=True))
    assert f'<a class="button" href="{CONTRACT.store.shop_url}">' in page
    assert '<a href="?">' in page
    assert '<a href="?">' not in PAGES.contract(replace(CONTRACT, language=language, state="active"))
