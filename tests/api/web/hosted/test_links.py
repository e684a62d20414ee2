"""The pages of signed links: a GET changes nothing, a POST takes effect once and is judged by its receipt."""

from __future__ import annotations

import string
from datetime import date, timedelta

import pytest
from icalendar import Calendar, Event

from tests.support.shop import TICK, OpenShop, Shop, at

WINDOW = timedelta(hours=72)
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
"""The digits of base64 in addresses, by their value."""


def invited(shop: Shop, who: str) -> str:
    """A subscription with an invitation to this person; returns the link's path."""
    subscription = shop.order({"sku": "anchor-design-premium", "quantity": 2}).buy().subscription.start()
    assert subscription.assign(who).ok
    shop.settle()
    return shop.link("invitation", "invitation", to=who)


@pytest.mark.rule("H2", "H4", "P6")
def test_opening_a_contract_changes_nothing_and_its_forms_lead_to_the_signature(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription
    path = shop.link("contract_ready", "contract")
    before = subscription.read()
    first = shop.page(path)
    assert (first.status, subscription.read()) == (200, before)
    assert first.response.headers["referrer-policy"] == "no-referrer"
    assert first.response.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in first.response.headers["content-security-policy"]
    document = shop.browser.get(f"{path}/document")
    assert document.content == shop.store.get(f"{subscription.url}/contract").content
    assert "sandbox" in document.headers["content-security-policy"]
    signing = first.send().send()
    unsigned = signing.send(signer_name=" ", signer_title="Gérante", consent="")
    assert 'value="Gérante"' in unsigned.response.text
    assert (unsigned.status, subscription["waiting_for"]) == (422, "buyer_sign")
    for title in ("Dir\u202eector", "\u200b", "Director\x9b", "x" * 201):
        unsigned = signing.send(signer_name="Ana Lefèvre", signer_title=title, consent="yes")
        assert (unsigned.status, subscription["waiting_for"]) == (422, "buyer_sign"), title
    assert unsigned.send(signer_name="Ana Lefèvre", consent="yes").status == 200
    shop.settle()
    assert subscription.status == "active"
    assert not shop.page(path).has_form
    entries = [
        each["data"].get("entry")
        for each in subscription.timeline()["timeline"]
        if each["event"].startswith("step_")
    ]
    assert entries == ["link"] * 3


@pytest.mark.rule("P7")
def test_a_form_sent_twice_is_heard_once(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription
    page = shop.page(shop.link("contract_ready", "contract"))
    assert page.send().status == page.send().status == 200
    assert subscription.events.count("step_open_contract") == 1


def in_a_calendar(shop: Shop, contract: str) -> Event:
    """The entry of a contract's deadline, as it is now."""
    (event,) = Calendar.from_ical(shop.page(f"{contract}/deadline.ics").response.text).events
    assert isinstance(event, Event)
    return event


@pytest.mark.rule("G7", "P5")
def test_a_deadline_that_an_outage_moved_takes_the_place_of_its_entry_in_a_calendar(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    paths = []
    for _ in range(2):
        shop.order("anchor-design-premium").buy()
        paths.append(shop.link("contract_ready", "contract"))
    former, other = (in_a_calendar(shop, path) for path in paths)
    assert shop.outage("2026-04-15 23:50", "2026-04-16 00:10").ok
    shop.to("2026-04-16 00:10")
    moved = in_a_calendar(shop, paths[0])
    assert (former.start, moved.start) == (date(2026, 4, 15), date(2026, 4, 16))
    assert former.uid == moved.uid != other.uid
    assert 0 < former.sequence < moved.sequence < 2**31
    changed = (former.LAST_MODIFIED, moved.LAST_MODIFIED)
    assert changed == (at("2026-01-15 10:30"), at("2026-04-16 00:10"))


@pytest.mark.rule("P5")
def test_an_expired_contract_says_so_and_takes_no_step(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy().subscription
    page = shop.page(shop.link("contract_ready", "contract"))
    entry = shop.page(f"{page.path}/deadline.ics").response.text
    assert "DTSTART;VALUE=DATE:20260415" in entry
    shop.to("2026-04-16 00:00")
    assert shop.page(f"{page.path}/deadline.ics").response.url.path == page.path
    late = page.send()
    assert late.status == 409
    assert not late.has_form
    assert subscription.status == "void"
    assert shop.page(page.path).status == 200
    assert not shop.page(page.path).has_form


@pytest.mark.rule("T2")
def test_a_set_up_completed_a_moment_before_72_hours_counts(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-03-27 12:00")
    path = invited(shop, f"jean@{shop.id}.example.com")
    shop.to(at("2026-03-27 12:00") + WINDOW - TICK)
    done = shop.page(path).send()
    assert (done.status, done.has_form) == (200, False)


@pytest.mark.rule("X18")
def test_whoever_opens_an_invitation_renames_nobody(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    jean = f"jean@{shop.id}.example.com"
    page = shop.page(invited(shop, jean))
    assert 'name="name"' not in page.response.text
    assert page.send(name="Somebody Else").status == 200
    shop.settle()
    (subscription,) = shop.store.get("/v1/subscriptions", store=shop.id).json()["data"]
    assert [seat["user"]["name"] for seat in subscription["seats"] if seat["user"]] == ["Jean Dupont"]


@pytest.mark.rule("T3")
def test_an_expired_invitation_says_until_when_it_was_open_in_the_language_of_who_was_invited(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("fastening", "2026-03-27 12:00")
    uma = f"uma@{shop.id}.example.com"
    subscription = shop.order({"sku": "anchor-design-premium", "quantity": 2}).buy().subscription.start()
    person = {"email": uma, "name": "Uma One", "language": "en"}
    assert shop.store.post(f"{subscription.url}/seats", person).is_success
    shop.settle()
    path = shop.link("invitation", "invitation", to=uma)
    for later in ("2026-03-30 13:00", "2026-04-02 09:00"):
        shop.to(later)
        page = shop.page(path)
        assert (page.status, page.has_form) == (200, False)
        assert "was open until Monday 30 March 2026, 12:59" in page.text
    assert subscription.assign(f"jean@{shop.id}.example.com", 1).ok
    shop.settle()
    assert "was open until Monday 30 March 2026, 12:59" in shop.page(path).text


@pytest.mark.rule("T3", "H22")
def test_an_invitation_that_was_taken_back_names_no_deadline(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    path = invited(shop, f"jean@{shop.id}.example.com")
    (order,) = shop.store.get("/v1/subscriptions", store=shop.id).json()["data"]
    assert shop.store.post(f"/v1/subscriptions/{order['id']}/seats/1/revoke", {}).is_success
    shop.settle()
    page = shop.page(path)
    assert "a repris la licence" in page.text
    assert "jusqu" not in page.text


@pytest.mark.rule("T2", "T3")
def test_at_72_hours_it_is_refused_and_the_old_link_stays_dead(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-03-27 12:00")
    jean = f"jean@{shop.id}.example.com"
    path = invited(shop, jean)
    page = shop.page(path)
    shop.to("2026-03-30 13:00")
    late = page.send()
    assert (late.status, late.has_form) == (409, False)
    (order,) = shop.store.get("/v1/subscriptions", store=shop.id).json()["data"]
    assert [seat["state"] for seat in order["seats"]] == ["free", "free"]
    assert shop.store.post(
        f"/v1/subscriptions/{order['id']}/seats", {"email": jean, "name": "Jean"}
    ).is_success
    shop.settle()
    assert not shop.page(path).has_form
    assert shop.page(shop.link("invitation", "invitation", to=jean)).has_form


@pytest.mark.parametrize(
    "path", ["/h/contract/forged", "/h/invitation/forged", "/h/portal/forged", "/h/nothing"]
)
def test_a_forged_link_tells_nothing_but_where_to_turn(shared_shop: Shop, path: str) -> None:
    page = shared_shop.page(path)
    assert page.status == 404
    assert page.response.headers["content-type"].startswith("text/html")
    assert page.response.headers["x-reference"] in page.text
    assert "@example.com" in page.text


def test_a_link_of_one_kind_opens_no_other(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    shop.order("anchor-design-premium").buy()
    token = shop.link("contract_ready", "contract").rsplit("/", 1)[1]
    assert shop.page(f"/h/portal/{token}").status == 404
    assert shop.page(f"/h/invitation/{token}").status == 404
    last = LETTERS.index(token[-1])
    spelt_otherwise = [token[:-1] + LETTERS[last ^ bits] for bits in (1, 2, 3)]
    for each in (f"{token}=", f"{token}==", f"{token}.", f".{token}", token[:-1], *spelt_otherwise):
        assert shop.page(f"/h/contract/{each}").status == 404, each
    assert shop.page(f"/h/contract/{token}").status == 200


@pytest.mark.rule("P2")
def test_the_portal_shows_what_the_admin_asks_for_first(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order({"sku": "anchor-design-standard", "quantity": 3}).buy().subscription.start()
    page = shop.page(shop.link("subscription_active", "portal"))
    assert page.status == 200
    for fact in (subscription.id, "PO-1", "15 janvier 2027", "3"):
        assert fact in page.text.replace("\xa0", " ")


def test_a_form_that_its_page_did_not_make_is_refused(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription
    path = shop.link("contract_ready", "contract")
    assert shop.browser.post(f"{path}/open_contract", data={}).status_code == 400
    assert shop.browser.post(f"{path}/nothing", data={"nonce": "a1"}).status_code == 404
    assert subscription["waiting_for"] == "buyer_open_contract"


def test_the_landing_page_leads_on(shared_shop: Shop) -> None:
    assert shared_shop.page("/").status == 200
    mailbox = shared_shop.browser.get("/mailbox")
    assert (mailbox.status_code, mailbox.headers["location"]) == (307, shared_shop.machine.urls["mailbox"])
    assert shared_shop.browser.get("/static/jalon.css").is_success
