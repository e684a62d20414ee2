"""Each role against each page and form of the console: what it may open, and what it is told where it may not."""

from __future__ import annotations

import inspect
import re

import pytest

from api.web.console import openid, sign_in
from api.web.console.serving import PARTS
from jalon.domain.staff import STAFF_ROLES
from tests.support.console import Desk
from tests.support.machines import Serving
from tests.support.shop import Shop

ALL = frozenset(STAFF_ROLES)
STUCK = frozenset({"ops", "support", "admin"})
OPS, COMPLIANCE = frozenset({"ops"}), frozenset({"compliance"})
OPEN = frozenset({"anybody"})
"""What is used before somebody is signed in."""
ROLES = {
    "GET /console": ALL,
    "GET /console/search": ALL,
    "GET /console/orders/{entity}": ALL,
    "GET /console/subscriptions/{entity}": ALL,
    "GET /console/entities/{entity}/said/{language}": ALL,
    "POST /console/entities/{entity}/acts/{name}": frozenset({"support"}),
    "GET /console/entities/{entity}/mails/{message}": ALL,
    "GET /console/entities/{entity}/mails/{message}/body": ALL,
    "POST /console/entities/{entity}/mails/{message}/resend": frozenset({"support"}),
    "GET /console/entities/{entity}/reads/{name}": ALL,
    "POST /console/entities/{entity}/recoveries/{number}": frozenset({"support", "ops", "admin"}),
    "GET /console/queues/tasks": ALL,
    "GET /console/queues/holds": COMPLIANCE | {"admin"},
    "GET /console/queues/holds/{held}": COMPLIANCE | {"admin"},
    "POST /console/queues/holds/{held}/decisions": COMPLIANCE,
    "GET /console/queues/undeliverable": STUCK,
    "GET /console/queues/causes": STUCK,
    "GET /console/queues/causes/{fingerprint}": STUCK,
    "POST /console/queues/causes/{fingerprint}/note": OPS,
    "POST /console/queues/causes/{fingerprint}/ignore": OPS,
    "GET /console/queues/repairs": STUCK,
    "POST /console/queues/repairs/plan/{fingerprint}": OPS,
    "GET /console/queues/repairs/plans/{plan_id}": STUCK,
    "POST /console/queues/repairs/plans/{plan_id}/start": OPS,
    "GET /console/queues/repairs/plans/{plan_id}/steps": STUCK,
    "GET /console/queues/repairs/{repair}": STUCK,
    "GET /console/queues/repairs/{repair}/steps": STUCK,
    "GET /console/queues/selection": OPS,
    "POST /console/queues/selection": OPS,
    "POST /console/queues/repairs/{repair}/moves": OPS | {"admin"},
    "GET /console/queues/stops": STUCK,
    "POST /console/queues/stops": OPS | {"admin"},
    "GET /console/live/{entity}": ALL,
    "POST /console/sign-out": ALL,
    "GET /console/entities/{entity}": OPEN,
    "GET /console/sign-in": OPEN,
    "GET /console/sign-in/{token}": OPEN,
    "POST /console/sign-in/{token}": OPEN,
    "GET /console/openid": OPEN,
    "GET /console/openid/return": OPEN,
    "POST /console/language": OPEN,
}
ELSEWHERE = {"GET /console/live/{entity}", "POST /console/sign-out"}
"""What test_entity.py and test_sign_in.py use: a stream does not end, and who signs out is out."""


def test_every_page_stands_in_the_matrix() -> None:
    served = {
        f"{method} {route.path}"
        for part in PARTS
        for route in part.routes.routes
        for method in getattr(route, "methods", ()) or ()
    }
    assert served == ROLES.keys()


def test_pages_take_all_they_show_from_the_api() -> None:
    for part in PARTS:
        if part not in (openid, sign_in):
            taken = set(re.findall(r"^from (\S+) import", inspect.getsource(part), flags=re.MULTILINE))
            assert not {
                each for each in taken if each.startswith(("jalon.persistence", "api.http.resources"))
            }


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_role_opens_its_pages_and_no_other(machine: Serving, shared_shop: Shop, role: str) -> None:
    order = shared_shop.order("anchor-design-premium")
    facts = {
        "entity": order.id,
        "language": "fr",
        "name": "cancel",
        "held": order.id,
        "number": "1",
        "message": "a@b",
        "fingerprint": "0" * 12,
        "plan_id": "rep_01k00000000000000000000000",
        "repair": "rep_01k00000000000000000000000",
    }
    with Desk(machine, role).enter() as desk:
        home = desk.see("/console")
        fields = {"csrf": home.forms["/console/sign-out"]["csrf"], "key": f"matrix{role}"}
        for asked, roles in ROLES.items():
            if roles is OPEN or asked in ELSEWHERE:
                continue
            method, template = asked.split()
            path = template.format(**facts)
            answer = desk.browser.request(method, path, data=fields if method == "POST" else None)
            assert (answer.status_code != 403) is (role in roles), (asked, answer.status_code)
            assert answer.status_code not in {401, 500}, (asked, answer.status_code)
            if answer.status_code == 403:
                assert "other roles" in answer.text, asked
        for link in (each for each in home.links if each.startswith("/console/queues/")):
            assert desk.see(link).status == 200, link


def test_nobody_opens_a_page_without_signing_in(machine: Serving) -> None:
    with Desk(machine) as stranger:
        for asked, roles in ROLES.items():
            method, template = asked.split()
            if roles is not OPEN:
                path = re.sub(r"\{\w+\}", "x", template)
                answer = stranger.browser.request(method, path)
                assert answer.status_code in {401, 422}, (asked, answer.status_code)
                assert answer.status_code == 401 or "language" in template
