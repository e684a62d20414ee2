"""Each act of staff is in the audit: who, in which role, what, why, before and after. One matrix over every route and form that writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import SUBJECTS
from api.http.dependencies import Allowed
from api.web.console.serving import PARTS
from jalon.client.calls import Call
from jalon.client.sync import Client
from jalon.domain.staff import STAFF_ROLES
from jalon.local.seed_keys import PEOPLE
from tests.api.v1.acts_of_staff import WHY, Act, of_customers, of_holds, of_keys, of_notices, of_steps
from tests.support.console import Desk
from tests.support.machines import Serving
from tests.support.shop import Answer, OpenShop, Shop

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
READS = {"search_entities_by_body"}
OWN = {"POST /console/sign-in/{token}", "POST /console/sign-out", "POST /console/language"}
"""Forms of a session itself: tests/api/web/console/test_sign_in.py."""
# A note is its own reason; nobody is asked for one to use a key of their own, or to rehearse in a sandbox.
UNASKED = {"write_note", "accept_key", "make_sign_in_link", "advance_clock"}


def calls(dependant: Dependant) -> Iterator[Any]:
    """What a route depends on, at any depth."""
    yield dependant.call
    for each in dependant.dependencies:
        yield from calls(each)


def routes() -> dict[str, APIRoute]:
    """The routes by which staff write, by name: those that one of their roles may call, and those of any key."""
    found = {}
    for route in (each for subject in SUBJECTS for each in subject.routes.routes):
        if isinstance(route, APIRoute) and (route.methods or set()) & WRITES and route.name not in READS:
            depends = list(calls(route.dependant))
            asked = [each.roles for each in depends if isinstance(each, Allowed)]
            keyed = any(getattr(each, "__name__", "") == "_caller" for each in depends)
            if set().union(*asked) & set(STAFF_ROLES) or (keyed and not asked):
                found[route.name] = route
    return found


def forms() -> set[str]:
    """The forms of the console."""
    return {
        f"POST {route.path}"
        for part in PARTS
        for route in part.routes.routes
        if "POST" in (getattr(route, "methods", None) or ())
    } - OWN


def test_each_act_of_staff_is_in_the_audit(machine: Serving, open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    scenes = (
        of_customers(shop),
        of_keys(shop),
        of_notices(open_shop("lifecycle", "2026-02-02 10:00")),
        of_holds(open_shop("geomatics")),
        of_steps(open_shop("drafting", "2026-03-02 10:00")),
    )
    known, done, wrong = routes(), set(), []
    for act in chain.from_iterable(scenes):
        found = carried_out(machine, shop, act, known)
        done.add(act.by)
        wrong += [f"{act.by}: {each}" for each in lacking(act, found)]
    assert wrong == []
    assert done == known.keys() | forms(), "a route or a form that writes has its row here"


def carried_out(machine: Serving, shop: Shop, act: Act, known: Mapping[str, APIRoute]) -> dict[str, Any]:
    """Does it, and reads the audit of what it is about. Keeps the answer for the acts that follow."""
    if act.page:
        with Desk(machine, act.who, act.token).enter() as desk:
            path = act.by.removeprefix("POST ").format(**act.at)
            screen = desk.send(desk.see(act.page), path, **act.body)
        assert screen.status == 200, f"{act.by}: {screen.text}"
        act.answer = {"id": str(screen.response.url.path).rpartition("/")[2]}
    else:
        route = known[act.by]
        (method,) = (route.methods or set()) & WRITES
        call = Call[Any](method, route.path_format.format(**act.at), act.body or None)
        with Client(machine.urls["api"], act.token or machine.keys[act.who]) as client:
            act.answer = Answer.of(client.try_once(call)).ok
    about = act.about.format(**act.answer)
    page = Answer.of(shop.store.get("/v1/ops/audit", role="admin", about=about, limit=10)).ok["data"]
    return next((dict(each) for each in page if each["action"] == act.action), {})


def lacking(act: Act, found: Mapping[str, Any]) -> Iterator[str]:
    """What the audit does not say of the act, or says wrongly."""
    if not found:
        yield "no entry"
        return
    person, role = PEOPLE[act.who]
    if (found["actor"], found["role"]) != (act.person or person, role):
        yield f"who: {found['actor']}, {found['role']}"
    if found["reason"] != (None if act.action in UNASKED else WHY):
        yield f"why: {found['reason']}"
    before, after = found["before"], found["after"]
    if before == after:
        yield f"before and after: {before}"
    for name, seen, wanted in (("before", before, act.before), ("after", after, act.after)):
        if wanted is not None and (seen is None or {key: seen.get(key) for key in wanted} != wanted):
            yield f"{name}: {seen}"
