"""The pages of problems: one for every code, readable without a key, and none for other texts."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from jalon.domain.error_codes import ERRORS, ErrorCode
from jalon.integrations.mail.typography import typeset
from tests.support.shop import Shop


@pytest.fixture
def browser(shared_shop: Shop) -> httpx.Client:
    """A browser without a key."""
    return shared_shop.browser


@pytest.mark.rule("T15")
def test_every_code_has_a_page_with_its_cause_and_way_out(browser: httpx.Client) -> None:
    for code, described in ERRORS.items():
        page = browser.get(f"/problems/{code}")
        assert page.status_code == 200
        text = unescape(page.text)
        assert f"<code>{code}</code>" in text
        assert f"<h1>{typeset(described.title, 'en')}</h1>" in text
        assert f"<p>{typeset(described.cause, 'en')}</p>" in text
        assert f"<p>{typeset(described.way_out, 'en')}</p>" in text
        assert (described.rule or "Rule</dt>") in text or described.rule is None
        assert "None" not in text
        assert "{{" not in text


def test_a_page_may_be_kept_and_runs_nothing(browser: httpx.Client) -> None:
    page = browser.get("/problems/activation_window_closed")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "public, max-age=3600"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text


def test_the_list_leads_to_every_code(browser: httpx.Client) -> None:
    links = re.findall(r'href="/problems/(\w+)"', browser.get("/problems").text)
    assert sorted(links) == sorted(ErrorCode)
    assert 'href="/problems"' in browser.get("/").text


@pytest.mark.rule("T15")
def test_the_type_of_a_problem_leads_to_its_page(shared_shop: Shop, browser: httpx.Client) -> None:
    problem = shared_shop.open("no-such").body
    assert problem["type"].endswith("/problems/unknown_sku")
    assert problem["title"] == ERRORS[ErrorCode.UNKNOWN_SKU].title
    assert f"<h1>{problem['title']}</h1>" in browser.get(problem["type"]).text


@pytest.mark.rule("H17")
def test_the_type_of_a_stores_own_rule_leads_to_a_page_with_its_words(
    shared_shop: Shop, browser: httpx.Client
) -> None:
    problem = shared_shop.open("anchor-design-premium", "tool-fleet").body
    assert (problem["code"], problem["title"]) == ("hardware_separate", "Hardware separate")
    page = unescape(browser.get(problem["type"]).text)
    assert "H17" in page
    assert "order" in page


@pytest.mark.parametrize("name", ["no_such_code", "UNKNOWN_SKU", "%00", "..%2Fv1"])
def test_what_is_no_code_has_no_page(browser: httpx.Client, name: str) -> None:
    page = browser.get(f"/problems/{name}")
    assert page.status_code in (400, 404)
    assert page.headers["cache-control"] == "no-store"
