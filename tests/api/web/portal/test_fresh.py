"""The code that is asked for in place: it comes when it is needed, another one when it is asked for, and the page says which (P3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.support.portal import Guest, Screen
from tests.support.shop import OpenShop
from tests.support.world import eventually

SOON = timedelta(seconds=45)
"""What a test may take until the deadline that it looks at. The microsecond is looked at in tests/jalon/persistence/people."""
FRESH_FOR, CODE_LASTS = timedelta(minutes=30), timedelta(minutes=10)
JUST = "Nous venons d'en envoyer un"
BEFORE = "sert encore, jusqu'au"
LATER = "Vous pourrez demander le prochain"


def plain(screen: Screen) -> str:
    return screen.text.replace("\u202f", " ").replace("\xa0", " ").replace("’", "'")


@pytest.fixture
def ana(open_shop: OpenShop) -> Iterator[Guest]:
    """The admin of a subscription, who signed in a while ago."""
    shop = open_shop("fastening", "2026-01-15 10:30")
    shop.order("anchor-design-premium").buy().subscription.start()
    with Guest(shop) as ana:
        ana.sign_in()
        ana.let_the_code_age()
        yield ana


def page_of(ana: Guest) -> str:
    """The path of the subscription."""
    (path,) = {each for each in ana.see().links if "/subscriptions/" in each}
    return path


def again(ana: Guest, asked: Screen) -> Screen:
    """Presses the button that sends another code, of a page that was asked for."""
    (fields,) = [form for action, form in asked.forms.items() if action.endswith("/session")]
    assert f'formaction="{ana.base}/code-again"' in asked.response.text
    return Screen(ana.browser.post(f"{ana.base}/code-again", data=fields))


@pytest.mark.rule("P3")
def test_opening_a_page_again_sends_no_other_code_while_one_can_be_given(ana: Guest) -> None:
    path = page_of(ana)
    asked = ana.see(f"{path}/stop")
    code = ana.code_after(1)
    assert (JUST in plain(asked), BEFORE in plain(asked)) == (True, False)
    for page in ("/stop", "/contract", "/transfer"):
        shown = ana.see(path + page)
        assert (JUST in plain(shown), BEFORE in plain(shown)) == (False, True), page
    assert "reason" in str(ana.send(asked, "/session", code=code).forms)
    assert len(ana.codes()) == 2


@pytest.mark.rule("P3")
def test_another_code_is_sent_when_it_is_asked_for_and_leads_to_the_page(ana: Guest) -> None:
    path = page_of(ana)
    asked = ana.see(f"{path}/stop")
    former = ana.code_after(1)
    newer = again(ana, asked)
    code = ana.code_after(2)
    assert JUST in plain(newer)
    if former != code:
        assert ana.send(newer, "/session", code=former).status == 422
    assert ana.send(newer, "/session", code=code).response.url.path == f"{path}/stop"


@pytest.mark.rule("H24")
def test_another_code_for_a_form_loses_nothing_that_was_filled_in(ana: Guest) -> None:
    path = page_of(ana)
    page = ana.send(ana.see(f"{path}/stop"), "/session", code=ana.code_after(1))
    warning = ana.send(page, "/stop", reason="trop cher")
    ana.let_the_code_age()
    asked = ana.send(warning, "/stop")
    ana.code_after(2)
    newer = ana.send(asked, "/stop", code_again="yes", code="")
    assert ana.send(newer, "/stop", code=ana.code_after(3)).status == 200
    receipt = next(each for each in ana.see(path).links if "/receipts/" in each)
    assert "trop cher" in plain(ana.see(receipt))


def test_a_code_that_opens_nothing_any_more_offers_another_one_and_sends_none_by_itself(ana: Guest) -> None:
    page = ana.see(f"{page_of(ana)}/stop")
    stop = ana.send(page, "/session", code=ana.code_after(1))
    ana.let_the_code_age()
    asked = ana.send(stop, "/stop", reason="trop cher", confirmed="yes")
    code = ana.code_after(2)
    for _ in range(5):
        over = ana.send(asked, "/stop", code=f"{(int(code) + 1) % 10**8:08}")
    assert (over.status, "n'ouvre plus rien" in plain(over)) == (422, True)
    assert JUST not in plain(over)
    assert 'name="code"' not in over.response.text
    assert len(ana.codes()) == 3
    newer = ana.send(over, "/stop", code_again="yes")
    assert ana.send(newer, "/stop", code=ana.code_after(3)).status == 200


def test_where_no_more_codes_are_sent_the_page_says_so_and_when_they_are(ana: Guest) -> None:
    asked = ana.see(f"{page_of(ana)}/stop")
    for count in range(1, 6):
        ana.code_after(count)
        assert JUST in plain(asked)
        asked = again(ana, asked)
    assert (JUST in plain(asked), LATER in plain(asked)) == (False, True)
    assert BEFORE in plain(asked)
    eventually(lambda: len(ana.codes()) == 6, "six codes")
    assert ana.send(asked, "/session", code=ana.codes()[-1]).response.url.path.endswith("/stop")


@pytest.mark.rule("P3", "G2")
@pytest.mark.parametrize("page", ["/stop", "/contract", "/transfer"])
def test_a_code_is_asked_for_again_after_half_an_hour_and_not_before(ana: Guest, page: str) -> None:
    path = page_of(ana) + page
    ana.let_the_code_age(FRESH_FOR - SOON)
    assert not ana.see(path).response.text.count('name="code"')
    ana.let_the_code_age(FRESH_FOR)
    assert ana.see(path).response.text.count('name="code"') == 1


@pytest.mark.rule("P3", "G2")
def test_a_form_is_taken_up_to_half_an_hour_after_the_code(ana: Guest) -> None:
    path = page_of(ana)
    ana.let_the_code_age(timedelta())
    warning = ana.send(ana.see(f"{path}/stop"), "/stop", reason="trop cher")
    ana.let_the_code_age(FRESH_FOR)
    assert 'name="code"' in ana.send(warning, "/stop").response.text
    ana.let_the_code_age(FRESH_FOR - SOON)
    assert "/receipts/" in str(ana.send(warning, "/stop").links)


@pytest.mark.rule("P3", "G2")
def test_a_code_opens_up_to_ten_minutes_after_it_was_sent(ana: Guest) -> None:
    path = f"{page_of(ana)}/stop"
    asked = ana.see(path)
    code = ana.code_after(1)
    ana.let_the_sent_code_age(CODE_LASTS)
    assert ana.send(asked, "/session", code=code).status == 422
    ana.let_the_sent_code_age(CODE_LASTS - SOON)
    assert ana.send(asked, "/session", code=code).response.url.path == path
