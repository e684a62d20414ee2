"""Staff enter the console by a link that opens once, work in a session that is a key, and leave for good."""

from __future__ import annotations

import hashlib
import time
from typing import LiteralString

import httpx
import psycopg
import pytest

from tests.support.console import Desk
from tests.support.machines import Serving
from tests.support.portal import Screen

SESSION = "jalon_console"


def owned(machine: Serving, statement: LiteralString, token: str) -> None:
    """Changes what is kept of a token, as its owner may."""
    with psycopg.connect(machine.owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(statement, [hashlib.sha256(token.encode()).digest()])


def test_a_link_signs_its_person_in_once(machine: Serving) -> None:
    with Desk(machine, "ops") as desk, Desk(machine) as late:
        link = desk.link()
        seen = desk.see(link)
        assert "You enter as Octave Ops, in the role Ops." in seen.text
        assert desk.see(link).status == 200, "a mail tool that opens the link uses nothing up"
        entered = desk.browser.post(link)
        assert (entered.status_code, entered.headers["location"]) == (303, "/console")
        cookie = entered.headers["set-cookie"]
        assert all(part in cookie for part in ("HttpOnly", "Path=/console", "SameSite=lax", "Max-Age=43200"))
        assert "Octave Ops" in desk.see("/console").text
        again = late.browser.post(link)
        assert (again.status_code, SESSION in again.headers.get("set-cookie", "")) == (410, False)
        assert late.see(link).status == 410


def test_a_link_that_is_old_or_made_up_opens_nothing(machine: Serving) -> None:
    with Desk(machine) as desk:
        link = desk.link()
        past = "update staff_link set over_at = clock_timestamp() where link_hash = %s"
        owned(machine, past, link.rpartition("/")[2])
        for path in (link, "/console/sign-in/jln_made-up"):
            assert desk.see(path).status == 410
            assert desk.browser.post(path).status_code == 410


def test_the_link_of_another_site_s_form_is_refused(machine: Serving) -> None:
    with Desk(machine) as desk:
        answer = desk.browser.post(desk.link(), headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 400
        assert SESSION not in answer.headers.get("set-cookie", "")


def test_a_session_is_a_key_that_ends_by_itself_and_makes_no_links(machine: Serving) -> None:
    with Desk(machine, "compliance").enter() as desk, Desk(machine, "admin") as admin:
        token = desk.browser.cookies[SESSION]
        headers = {"Authorization": f"Bearer {token}"}
        search = httpx.get(f"{machine.urls['api']}/v1/support/search?q=nobody", headers=headers)
        assert search.json()["data"] == []
        links = httpx.post(
            f"{machine.urls['api']}/v1/keys/link", headers=headers | {"Idempotency-Key": "session-link"}
        )
        assert links.status_code == 404
        bearer = {"Authorization": f"Bearer {machine.keys['admin']}"}
        listed = admin.browser.get("/v1/keys", headers=bearer).json()["data"]
        sessions = [each for each in listed if each["expires_at"] and each["person"] == "Camille Compliance"]
        assert sessions
        assert all(each["accepted_at"] for each in sessions), "the key that made the link was accepted"
        owned(machine, "update api_key set expires_at = clock_timestamp() where key_hash = %s", token)
        _eventually_out(desk)


def _eventually_out(desk: Desk) -> Screen:
    """The page once the cache of keys has forgotten the session, which takes two seconds."""
    for _ in range(40):
        screen = desk.see("/console")
        if screen.status == 401:
            return screen
        time.sleep(0.1)
    raise AssertionError("still signed in")


def test_who_signs_out_is_out_at_once_and_everywhere(machine: Serving) -> None:
    with Desk(machine).enter() as desk:
        kept = dict(desk.browser.cookies)
        left = desk.send(desk.see("/console"), "/sign-out")
        assert "Sign in to the console" in left.text
        desk.browser.cookies.update(kept)
        assert desk.see("/console").status == 401


def test_the_sign_in_leads_to_no_other_site(machine: Serving) -> None:
    with Desk(machine, language="fr") as desk:
        asked = desk.see("/console?x=1")
        assert (asked.status, "Se connecter à la console" in asked.text) == (401, True)
        part = desk.browser.get("/console", headers={"HX-Request": "true"})
        assert part.headers["HX-Redirect"] == "/console/sign-in"
        for elsewhere in ("https://evil.example", "//evil.example", "/console/\\evil", "/portal/x"):
            chosen = desk.browser.post("/console/language", data={"language": "en", "then": elsewhere})
            assert chosen.headers["location"] == "/console"
        assert "Sign in to the console" in desk.see("/console").text


@pytest.mark.parametrize("given", [None, "", "0" * 64])
def test_a_form_without_the_session_s_own_token_is_refused(machine: Serving, given: str | None) -> None:
    with Desk(machine).enter() as desk:
        fields = {} if given is None else {"csrf": given}
        refused = Screen(desk.browser.post("/console/sign-out", data=fields))
        assert refused.status == 400
        assert "form_out_of_date" in refused.text
        assert "Reference " in refused.text
        assert desk.see("/console").status == 200


def test_pages_run_no_script_of_others_and_stand_in_no_frame(machine: Serving) -> None:
    with Desk(machine).enter() as desk:
        for path in ("/console", "/console/sign-in", "/console/nothing"):
            headers = desk.browser.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cache-control"] == "no-store"
        text = desk.see("/console").response.text
        assert " style=" not in text
        assert "onclick" not in text


def test_errors_of_the_console_are_pages_with_a_way_back(machine: Serving) -> None:
    with Desk(machine).enter() as desk:
        missing = desk.see("/console/nothing")
        assert (missing.status, "/console" in missing.links) == (404, True)
        assert "Nothing here for you" in missing.text
