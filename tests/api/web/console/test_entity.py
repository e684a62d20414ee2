"""The page of one order or subscription: its answers, what can be done from it, and that it changes by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import httpx

from tests.api.test_isolation import key_for
from tests.support.console import Desk
from tests.support.machines import Serving
from tests.support.portal import Screen
from tests.support.shop import OpenShop, Shop, eventually

ANSWERS = (
    "Waits for",
    "Whose turn",
    "Until",
    "Paid",
    "Last e-mail",
    "What happens next",
    "Can it be cancelled?",
    "Say to the customer",
)


def follow(desk: Desk, entity: str, seen: str, told: Callable[[str], None]) -> threading.Thread:
    """Reads the stream of an entity until the server ends it, in a thread.

    A test that fails closes the browser under it. The thread then ends without END, and no later test is blamed for it.
    """

    def read() -> None:
        with (
            suppress(httpx.TransportError, httpx.StreamError),
            desk.browser.stream("GET", f"/console/live/{entity}", params={"seen": seen}) as stream,
        ):
            for line in stream.iter_lines():
                told(line)
            told("END")

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def test_an_order_is_answered_acted_on_and_followed(machine: Serving, shared_shop: Shop) -> None:
    order = shared_shop.order("anchor-design-premium").buy()
    with Desk(machine).enter() as desk, Desk(machine, "admin").enter() as admin:
        page = desk.see(f"/console/orders/{order.id}")
        assert page.status == 200
        for answer in ANSWERS:
            assert answer in page.text, answer
        assert order["number"] in page.text
        assert order["number"] in desk.see(f"/console/search?q={order['number']}").text
        part = desk.browser.get(f"/console/search?q={order['number']}", headers={"HX-Request": "true"}).text
        assert "<html" not in part
        assert order.id in part
        assert "La commande" in desk.see(f"/console/entities/{order.id}/said/fr").text

        seen = page.response.text.partition("?seen=")[2].partition('"')[0]
        lines: list[str] = []
        thread = follow(desk, order.id, seen, lines.append)

        refused = desk.send(page, "/acts/cancel", reason="x" * 3000)
        assert refused.status == 422
        assert "Reference " in refused.text
        assert "x" * 3000 in refused.response.text, "what was typed is kept"

        forms = refused.forms[f"/console/entities/{order.id}/acts/cancel"] | {"reason": "changed their mind"}
        action = f"/console/entities/{order.id}/acts/cancel"
        both = [desk.browser.post(action, data=forms) for _ in range(2)]
        assert [each.status_code for each in both] == [303, 303], "a double click does one thing"
        assert "Done: Cancel the order." in desk.see(both[0].headers["location"]).text
        eventually(lambda: "event: changed" in lines, "the page hears of it")
        assert order.status == "cancelled"

        offered = admin.see(f"/console/orders/{order.id}").forms
        assert not [path for path in offered if path.endswith(("/acts/cancel", "/acts/note"))]
        foreign = {
            "csrf": admin.see("/console").forms["/console/sign-out"]["csrf"],
            "key": "a1",
            "reason": "r",
        }
        assert Screen(admin.browser.post(action, data=foreign)).status in {403, 409}

        desk.send(desk.see("/console"), "/sign-out")
        thread.join(15)
        assert lines[-1] == "END", "a session that ended hears nothing more"


def test_a_second_person_decides_who_follows_an_admin(machine: Serving, open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    line = shop.order("anchor-design-premium").buy().subscription
    line.start()
    here = f"/console/subscriptions/{line.id}"
    with Desk(machine).enter() as desk, Desk(machine, "ops").enter() as ops:
        fields = {
            "email": f"grace@{shop.id}.example.com",
            "name": "Grace Dupont",
            "reason": "The mailbox is closed.",
            "evidence": "An extract of the register.",
        }
        desk.send(desk.see(here), "/acts/recover_admin", **fields)
        page = desk.see(here)
        assert "seats assigned" in page.text
        (form,) = [each for each in page.forms if "/recoveries/" in each]
        own = desk.send(page, form, reason="r", decision="approve")
        assert own.status == 409
        assert "Reference " in own.text
        theirs = ops.see(here)
        assert "An extract of the register." in theirs.text
        decided = ops.send(theirs, form, reason="Looked at it.", decision="approve")
        assert decided.status == 200
        assert form not in decided.forms
    assert line["transfer"]["to"]["email"] == fields["email"]


def test_a_session_of_one_store_sees_no_other(
    machine: Serving, shared_shop: Shop, open_shop: OpenShop
) -> None:
    other = open_shop("fastening")
    mine, theirs = shared_shop.order("anchor-design-premium"), other.order("anchor-design-premium")
    with Desk(machine, token=key_for(shared_shop, "support", shared_shop.id)).enter() as desk:
        assert desk.see(f"/console/orders/{mine.id}").status == 200
        for path in (f"/console/orders/{theirs.id}", f"/console/live/{theirs.id}"):
            assert desk.see(path).status == 404
        assert theirs.id not in desk.see(f"/console/search?q={theirs['number']}").response.text
        fields = {"csrf": desk.see("/console").forms["/console/sign-out"]["csrf"], "key": "b2", "reason": "r"}
        sent = desk.browser.post(f"/console/entities/{theirs.id}/acts/cancel", data=fields)
        assert sent.status_code == 404


def test_no_line_of_the_log_names_a_person(machine: Serving, shared_shop: Shop) -> None:
    log = machine.data_dir / "logs" / "api.log"
    begins = log.stat().st_size
    with Desk(machine).enter() as desk:
        assert desk.see(f"/console/search?q={shared_shop.email}").status == 200
        desk.see("/console/search?q=Lefèvre")
    with log.open() as file:
        file.seek(begins)
        written = file.read()
    assert "/console/search" in written
    for named in (shared_shop.email, "Lef", "Salom", "jln_"):
        assert named not in written, named
