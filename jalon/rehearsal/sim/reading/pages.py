"""The hosted pages over the rows of a life: the product's own handlers open a signed link, as a browser would."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from starlette.requests import Request
from starlette.responses import Response

import api.web.hosted.links
from api.http.errors import Problem
from api.http.request_context import RequestContext
from api.web.hosted import routes, transfer
from api.web.hosted.error_pages import error_page
from api.web.hosted.pages import Pages
from api.web.orders import opened as opened_orders
from api.web.orders import routes as orders
from api.web.paying import payers
from api.web.paying import routes as paying
from api.web.portal import acting, subscriptions, users, visits, who_stays
from jalon.domain import events
from jalon.persistence.entities.entities import Entity
from jalon.persistence.entities.timelines import TimelineItem, TransferEnd
from jalon.rehearsal.sim.judge.facts import Facts, at_of
from jalon.rehearsal.sim.judge.transfers import OVER
from jalon.rehearsal.sim.modelled import database
from jalon.rehearsal.sim.modelled.parties import Parties
from jalon.rehearsal.sim.reading.figures import seen
from jalon.rehearsal.sim.wiring import ADDRESS, Paper
from jalon.rehearsal.sim.world import World

Rows = Callable[..., Coroutine[Any, Any, object]]
"""A function that reads rows in a transaction."""
LINK = re.compile(rf"{re.escape(ADDRESS)}/h/([a-z]+)/([\w.-]+)")
"""A signed link in an e-mail: its kind and its token."""
_ACTS = re.compile(r'<form class="step"|<a class="button quiet" href="[^"]*/stop"|<ul class="seats">')
"""What can be done on a page, as a form or as the way to one."""


async def _portal(request: Request, _token: str) -> Response:
    visit = await visits.by_link(request)
    shown = await subscriptions.show(request, visit)
    if shown.status_code != HTTPStatus.SEE_OTHER:
        return shown
    choice = shown.headers["location"].endswith(f"/{visits.Action.WHO_STAYS}")
    return await (who_stays.show_choice if choice else users.show_users)(request, visit)


async def _payment(request: Request, _token: str) -> Response:
    return await paying.show(request, await payers.by_link(request))


_SHOW = {
    "contract": routes.show_contract,
    "invitation": routes.show_invitation,
    "portal": _portal,
    "order": orders.show_order,
    "certificate": orders.show_certificate,
    "payment": _payment,
    "transfer": transfer.show_transfer,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as a browser shows it."""

    status: int
    language: str
    text: str
    has_form: bool


class Browser:
    """Opens signed links at the present instant of a life."""

    def __init__(self, world: World, paper: Paper, pages: Pages) -> None:
        self._world = world
        sessions = database.Sessions(world.db, _at_once, _at_once)
        resources = SimpleNamespace(
            links=paper.links,
            policies=world.policies,
            sessions=sessions,
            parties=Parties(),
            providers={policy.rules.payment.provider: world.gateway for policy in world.policies.values()},
            settings=SimpleNamespace(mail_sender="Jalon <help@example.com>", public_url=ADDRESS),
        )
        self._app = SimpleNamespace(state=SimpleNamespace(resources=resources, pages=pages))

    def open(self, kind: str, token: str) -> Shown:
        """The page behind a link."""
        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/h/{kind}/{token}",
            "path_params": {"token": token},
            "headers": [],
            "query_string": b"",
            "app": self._app,
            "state": {"context": RequestContext()},
        }
        request = Request(scope)
        with self._rows_in_place():
            try:
                response = _run(_SHOW[kind](request, token))
            except Problem as problem:
                response = error_page(request, problem)
        html = bytes(response.body).decode()
        (language,) = re.findall(r'<html lang="(\w+)">', html)
        return Shown(response.status_code, language, seen(html), _ACTS.search(html) is not None)

    def _rows_in_place(self) -> ExitStack:
        """Within the block, the pages read the rows of the life."""

        async def find(tx: database.Transaction, kind: object, entity: str) -> Entity | None:
            row = tx.db.entities.get(entity)
            return None if row is None else Entity(row.store, row.id, row.kind, row.status, row.view)

        async def country_of_registration(tx: database.Transaction, party: str) -> str | None:
            return next(
                (
                    row.view["country"]
                    for row in tx.db.entities.values()
                    if row.kind == "order" and row.view["buyer"] == party
                ),
                None,
            )

        async def invitation_ran_out_at(
            tx: database.Transaction, subscription: str, seat: int, invitation: int
        ) -> datetime | None:
            row = tx.db.entities[subscription]
            for told in Facts(self._world, row).named(events.SeatReleased):
                if (told.entry.data["seat"], told.entry.data["invitation"]) == (seat, invitation):
                    return at_of(told.entry.data, "accept_by")
            return None

        async def clock_now(tx: database.Transaction, store: str, spent: float = 0.0) -> object:
            return self._world.now

        stack = ExitStack()
        read = SimpleNamespace(find=find, country_of_registration=country_of_registration)
        stack.enter_context(patch.object(api.web.hosted.links, "entities", read))
        stack.enter_context(
            patch.object(api.web.hosted.links, "clocks", SimpleNamespace(clock_now=clock_now))
        )
        for module in (visits, payers):
            stack.enter_context(patch.object(module, "entities", read))
        stack.enter_context(patch.object(payers, "clocks", SimpleNamespace(clock_now=clock_now)))
        ran_out = SimpleNamespace(
            invitation_ran_out_at=invitation_ran_out_at, end_of_transfer=_ends_of_transfers(self._world)
        )
        stack.enter_context(patch.object(api.web.hosted.links, "timelines", ran_out))
        _rows_of_orders(stack, self._world, find, country_of_registration, clock_now)
        return stack


def _ends_of_transfers(world: World) -> Rows:
    """What became of each transfer of the life."""

    async def end_of_transfer(tx: database.Transaction, subscription: str, number: int) -> TransferEnd | None:
        for told in Facts(world, tx.db.entities[subscription]).named(*OVER):
            if told.entry.data["transfer"] == number:
                lapsed = "accept_by" in told.entry.data
                return TransferEnd(told.entry.event, at_of(told.entry.data, "accept_by") if lapsed else None)
        return None

    return end_of_transfer


def _rows_of_orders(
    stack: ExitStack, world: World, find: Rows, country_of_registration: Rows, clock_now: Rows
) -> None:
    """Lets the pages of an order read the rows of the life: its lines, events, terms and no draft; that of a subscription its events."""

    async def of_order(tx: database.Transaction, order: str) -> list[Entity]:
        mine = (row for row in tx.db.entities.values() if row.view.get("order_id") == order)
        return [Entity(row.store, row.id, row.kind, row.status, row.view) for row in mine]

    async def told(tx: database.Transaction, entity: str, *names: str) -> list[TimelineItem]:
        mine = (each.entry for each in tx.db.timeline if each.entity == entity and each.entry.event in names)
        return [TimelineItem(entity, "event", each.at, each.event, None, None, each.data) for each in mine]

    async def placed_terms(tx: database.Transaction, order: str, sha256: str) -> object:
        frozen = (body for (entity, _), body in tx.db.frozen.items() if entity == order)
        return next((body for body in frozen if body.get("sha256") == sha256), None)

    async def read(*_: object) -> dict[str, str]:
        return {}

    models: dict[str, dict[str, Rows]] = {
        "entities": {"find": find, "of_order": of_order, "country_of_registration": country_of_registration},
        "clocks": {"clock_now": clock_now},
        "timelines": {"told": told},
        "records": {"placed_terms": placed_terms},
        "drafts": {"read": read},
    }
    for name, model in models.items():
        stack.enter_context(patch.object(opened_orders, name, SimpleNamespace(**model)))
    stack.enter_context(patch.object(acting, "timelines", SimpleNamespace(told=told)))


async def _at_once() -> None:
    """A transaction without delay or trouble."""


def _run(work: Coroutine[Any, Any, Response]) -> Response:
    """What a coroutine returns that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        response: Response = done.value
        return response
    work.close()
    raise AssertionError("a page waited for something that the life does not have")
