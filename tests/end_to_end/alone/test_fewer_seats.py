"""A renewal with fewer seats, by API, portal and e-mail: who stays, until when that is chosen, and who is told (X25)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from jalon.local.machine import Machine
from tests.end_to_end.alone.editing import edit
from tests.support.portal import Guest, Screen
from tests.support.shop import TICK, Answer, Shop, Subscription, at, close, eventually, instant, shop_of
from tests.support.stores import SandboxStore, StorePool

FEWER = ("seats_per_unit = 3", "seats_per_unit = 1")
NAMES = ("ada", "ben", "cy")
CUTOFF, TERM_END = at("2027-03-24 00:00"), at("2027-03-29 00:00")
"""The last day of the term is 28 March 2027, whose clocks go forward; 5 days before it is the last day to choose."""
WARNING = at("2027-03-21 09:00")


def address(shop: Shop, name: str) -> str:
    return f"{name}@{shop.id}.example.com"


def crewed(shop: Shop, count: int) -> list[Subscription]:
    """Subscriptions whose three seats were given to ada, ben and cy, one after the other."""
    subscriptions = [shop.order("site").buy().subscription for _ in range(count)]
    for name in NAMES:
        first, *others = subscriptions
        assert first.assign(address(shop, name)).ok
        shop.settle()
        link = shop.link("invitation", "invitation", address(shop, name))
        assert shop.page(link).send().status == 200
        shop.settle()
        assert all(each.assign(address(shop, name)).ok for each in others)
        shop.on("PT1H")
    assert [each.seats for each in subscriptions] == [["assigned"] * len(NAMES)] * count
    return subscriptions


def users(subscription: Subscription) -> list[str]:
    """The names of those who have a seat, by its number."""
    return [seat["user"]["email"].partition("@")[0] for seat in subscription["seats"] if seat["user"]]


def told(shop: Shop, name: str, template: str = "seat_at_renewal") -> list[str]:
    return [each["subject"] for each in shop.mails(template, address(shop, name))]


@dataclass(frozen=True)
class Crews:
    """Three stores that have sold three seats a unit and sell one now, and what was said of fewer seats before."""

    by_api: list[Subscription]
    by_portal: Subscription
    without_worker: list[Subscription]
    ana: Guest
    refused_before: object
    seen_before: tuple[Screen, Screen]


@pytest.fixture(scope="module")
def crews(machine: Machine, pool: StorePool) -> Iterator[Crews]:
    """The three stores. Their files changed together, so that every process was restarted once."""
    with ExitStack() as opened:
        shops = [_opened(machine, pool, opened) for _ in range(3)]
        by_api, (by_portal,), without_worker = (crewed(*each) for each in zip(shops, (2, 1, 4), strict=True))
        ana, path = opened.enter_context(Guest(shops[1])), _path(by_portal)
        ana.sign_in(path)
        seen = (ana.see(path), ana.see(f"{path}/who-stays"))
        refused = by_api[0].keep_seats(3).refused
        edit(machine, *((shop, (FEWER,)) for shop in shops))
        yield Crews(by_api, by_portal, without_worker, ana, refused, seen)


def _opened(machine: Machine, pool: StorePool, opened: ExitStack) -> Shop:
    shop = shop_of(SandboxStore(pool.take("crew"), machine.urls["api"], machine.keys), machine)
    opened.callback(shop.store.close)
    opened.callback(close, shop)
    shop.to("2026-03-29 10:00")
    return shop


def _path(subscription: Subscription) -> str:
    return f"/portal/{subscription.shop.id}/FR/subscriptions/{subscription.id}"


@pytest.mark.rule("X25", "G3")
@pytest.mark.timeout(300)
def test_the_admin_names_who_stays_until_the_cutoff_and_the_others_lose_theirs_at_the_terms_start(
    crews: Crews,
) -> None:
    left, chosen = crews.by_api
    shop = left.shop
    given = [instant(seat["assigned_at"]) for seat in left["seats"]]
    assert given == sorted(given, key=str)
    assert len(set(given)) == 3
    assert crews.refused_before == (409, "no_fewer_seats", "X25")
    shop.to(WARNING - TICK)
    fewer = left["fewer_seats"]
    assert (fewer["seat_count"], fewer["staying"], fewer["leaving"]) == (1, [], [2, 3])
    assert (instant(fewer["choose_by"]), instant(fewer["at"])) == (CUTOFF, TERM_END)
    assert len(shop.mails("fewer_seats")) == 2
    letter = shop.letter("fewer_seats")["text"]
    assert "jusqu’au mardi 23 mars 2027 à 23:59" in letter
    assert "- Jean Dupont" in letter
    assert [told(shop, name) for name in NAMES] == [[], [], []]
    shop.to(WARNING)
    assert [len(told(shop, name)) for name in NAMES] == [0, 2, 2]
    assert len(shop.mails("fewer_seats")) == 4
    shop.to(CUTOFF - TICK)
    assert chosen.keep_seats(2, 3).refused == (409, "too_many_seats_kept", "X25")
    assert chosen.keep_seats(4).refused == (409, "seat_not_given", "X25")
    for seat in (2, 3, 3):
        assert chosen.keep_seats(seat).ok["fewer_seats"]["staying"] == [seat]
    shop.to(CUTOFF)
    refused = left.keep_seats(3)
    assert refused.refused == (409, "seat_choice_closed", "X25")
    assert "take the seat of somebody else back" in refused.body["detail"]
    shop.to(CUTOFF + TICK)
    assert left.keep_seats(3).refused == (409, "seat_choice_closed", "X25")
    shop.to(TERM_END - TICK)
    assert users(left) == users(chosen) == [*NAMES]
    assert shop.entitled("site", address(shop, "cy"))
    shop.to(TERM_END)
    assert (users(left), users(chosen)) == (["ada"], ["cy"])
    assert (chosen["seat_count"], chosen["seats"][0]["number"], chosen["fewer_seats"]) == (1, 3, None)
    listed = Answer.of(shop.store.get(f"{chosen.url}/seats", role="support")).ok
    assert ([seat["number"] for seat in listed["data"]], listed["has_more"]) == ([3], False)
    assert not shop.entitled("site", address(shop, "ben"))
    _is_told_and_audited(shop, chosen, [1, 2])
    assert chosen.charged == [30000]


def _is_told_and_audited(shop: Shop, subscription: Subscription, seats: list[int]) -> None:
    """Checks that event and audit name the lost seats, in the transition that started the term."""
    (lost,) = [each for each in subscription.timeline()["timeline"] if each.get("event") == "seats_lost"]
    assert (lost["rule"], lost["data"]["seats"], instant(lost["at"])) == ("X25", seats, TERM_END)
    both = _rows(shop, "timeline", subscription, "event in ('seats_lost', 'term_started')")
    assert len({(each["epoch"], each["seq"]) for each in both}) == 1
    told_to_listeners = [each["type"] for each in _events(shop) if each["entity"] == subscription.id]
    assert told_to_listeners.count("subscription.seats_lost") == 1
    (audited,) = _rows(shop, "audit", subscription, "action = 'seats_lost'")
    assert (audited["rule"], audited["data"]) == ("X25", {"seat_count": 1, "seats": seats})
    # She was to go for as long as another was named, and went.
    assert ["a pris fin" in subject for subject in told(shop, "ada")] == [False, True]


def _events(shop: Shop, after: int = 0) -> list[dict[str, Any]]:
    """Everything that `GET /v1/events` lists of the store."""
    page = Answer.of(shop.store.get("/v1/events", store=shop.id, limit=100, after=after)).ok
    found: list[dict[str, Any]] = page["data"]
    return found + (_events(shop, page["next"]) if page["has_more"] else [])


def _rows(shop: Shop, table: str, subscription: Subscription, which: str) -> list[dict[str, Any]]:
    url = shop.machine.environment["JALON_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.execute("select set_config('app.stores', %s, false)", [shop.id])
        asked = f"select * from {table} where entity_id = %s and {which}"
        return connection.execute(asked.encode(), [subscription.id]).fetchall()


@pytest.mark.rule("X25")
@pytest.mark.timeout(300)
def test_who_stays_is_chosen_at_the_portal_and_by_the_link_of_the_e_mail(crews: Crews) -> None:
    subscription, ana, (shown, asked) = crews.by_portal, crews.ana, crews.seen_before
    shop, path = subscription.shop, _path(subscription)
    assert f"{path}/who-stays" not in shown.links
    assert asked.response.url.path == path
    shop.to(WARNING)
    page = ana.see(path)
    assert "2 utilisateurs perdent donc une licence" in _plain(page.text)
    assert "jusqu’au mardi 23 mars 2027 à 23:59" in _plain(page.text)
    listed = _plain(ana.see(f"{path}/users").text)
    assert listed.count("En l’état, perd la licence le 29 mars 2027") == 2
    _chosen_after_a_code(ana, path, subscription)
    shop.to(CUTOFF - TICK)
    link = shop.link("fewer_seats", "portal")
    by_link = ana.see(link)
    assert by_link.response.url.path.endswith("/who-stays")
    assert "Votre choix est enregistré" in _plain(_choose(ana, by_link, "seat-1").text)
    stale = ana.see(f"{path}/who-stays")
    shop.to(CUTOFF)
    for late in (_choose(ana, stale, "seat-3"), ana.see(path), ana.see(link)):
        assert "Il est trop tard pour choisir" in _plain(late.text)
    shop.to(TERM_END)
    assert users(subscription) == ["ada"]
    assert "Qui garde une licence" not in ana.see(path).text


def _chosen_after_a_code(ana: Guest, path: str, subscription: Subscription) -> None:
    """The choice takes a fresh code, at most as many as there will be, and people as they are."""
    ana.let_the_code_age()
    before = len(ana.codes())
    asked = ana.see(f"{path}/who-stays")
    assert "Jean Dupont" not in asked.text
    choice = ana.send(asked, "/session", code=ana.code_after(before))
    boxes = _boxes(choice)
    assert [*boxes] == ["seat-1", "seat-2", "seat-3"]
    too_many = _choose(ana, choice, *boxes)
    assert (too_many.status, "Personnes cochées : 3" in _plain(too_many.text)) == (422, True)
    assert "Votre choix est enregistré" in _plain(_choose(ana, choice, "seat-3").text)
    assert subscription["fewer_seats"]["staying"] == [3]
    stale = ana.see(f"{path}/who-stays")
    assert subscription.revoke(2).ok
    assert _choose(ana, stale, "seat-2").status == 409


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _boxes(page: Any) -> dict[str, str]:
    (form,) = [fields for action, fields in page.forms.items() if action.endswith("/who-stays")]
    return {name: value for name, value in form.items() if name.startswith("seat-")}


def _choose(guest: Guest, page: Any, *names: str) -> Any:
    """Sends the form with these boxes ticked alone, as a browser would."""
    (action,) = [each for each in page.forms if each.endswith("/who-stays")]
    sent = {name: value for name, value in page.forms[action].items() if not name.startswith("seat-")}
    ticked = {name: value for name, value in _boxes(page).items() if name in names}
    response = guest.browser.post(action, data=sent | ticked, follow_redirects=True)
    return type(page)(response)


@pytest.mark.rule("X25", "G3", "G8")
@pytest.mark.timeout(300)
def test_a_choice_in_time_counts_although_no_worker_ran_until_the_term_had_started(
    crews: Crews, machine: Machine
) -> None:
    chosen, stopped, unpaid, passed_on = crews.without_worker
    shop = chosen.shop
    shop.to(CUTOFF - TICK)
    assert stopped.stop().ok
    assert unpaid.pay_with("card_declined").ok
    assert passed_on.post("transfer-admin", {"seat": 2}).ok
    assert users(passed_on) == [*NAMES]
    machine.stop("worker")
    status = chosen.keep_seats(3).pending
    on = {"to": TERM_END.isoformat()}
    moved = shop.store.post(f"/v1/test-clocks/{shop.id}/advance", on, role="admin")
    assert (moved.status_code, users(chosen)) == (202, [*NAMES])
    machine.start("worker")
    machine.wait_ready("worker")
    eventually(lambda: users(chosen) == ["cy"], "the renewal", within=60)
    shop.to(TERM_END)
    assert shop.store.get(status).json()["state"] == "applied"
    assert (stopped.status, users(stopped), "seats_lost" in stopped.events) == ("data_retained", [], False)
    assert (unpaid.standing, users(unpaid)) == ("past_due", ["ada"])
    assert users(passed_on) == ["ada"]
