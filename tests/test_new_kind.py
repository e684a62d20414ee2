"""A kind of entity that this test adds works from the API to its timeline; it consists of its rows and its folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

import worker
from activities.metrics import ActivityMetrics
from api import app as application
from api.web.hosted.pages import Pages
from jalon import metrics
from jalon.bootstrap import Installation, open_resources, open_worker_resources
from jalon.domain.events import EVENTS
from jalon.domain.kinds import KINDS
from jalon.persistence.entities.projections import projection_of
from tests.support.machines import Serving
from tests.support.quotes import routes
from tests.support.quotes.kind import MY_EVENTS, QUOTE
from tests.support.quotes.lifecycle import LIFECYCLE
from tests.support.stores import StorePool, files_of
from workflows.lifecycles import LIFECYCLES


@pytest.fixture(scope="module")
def changes() -> Iterator[pytest.MonkeyPatch]:
    """Changes that are undone after these tests."""
    with pytest.MonkeyPatch.context() as made:
        yield made


@pytest.fixture(scope="module")
def quotes(changes: pytest.MonkeyPatch) -> None:
    """Adds the rows of the kind for these tests."""
    changes.setitem(KINDS._rows, QUOTE.name, QUOTE)
    changes.setitem(LIFECYCLES, QUOTE.name, LIFECYCLE)
    for name, event in MY_EVENTS.items():
        changes.setitem(EVENTS, name, event)


@pytest.fixture(scope="module")
def ids(pool: StorePool) -> list[str]:
    """The stores that these tests use up: the installation reads no others."""
    return [pool.take("drafting") for _ in range(3)]


@pytest.fixture(scope="module")
async def api(
    machine: Serving,
    ids: list[str],
    changes: pytest.MonkeyPatch,
    quotes: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[httpx.AsyncClient]:
    """An API and a worker of this process on the machine's engines, on a task queue of their own."""
    for name, value in machine.environment.items():
        changes.setenv(name, value)
    changes.setenv(
        "JALON_STORES_DIR", str(files_of(machine.stores_dir, ids, tmp_path_factory.mktemp("stores")))
    )
    changes.setenv("JALON_TASK_QUEUE", f"quotes-{uuid4().hex}")
    changes.delenv("JALON_METRICS_PORT", raising=False)
    installation = Installation.read()
    app = application.build(lambda: open_resources(installation), Pages(installation.settings.templates_dir))
    app.include_router(routes.routes)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(open_worker_resources(installation))
        for each in worker.workers(resources, ActivityMetrics(metrics.new_registry())):
            await stack.enter_async_context(each)
        await stack.enter_async_context(app.router.lifespan_context(app))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://jalon")
        yield await stack.enter_async_context(client)


async def _post(api: httpx.AsyncClient, path: str, key: str, **params: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": uuid4().hex}
    return await api.post(path, params=params, headers=headers)


async def _read(api: httpx.AsyncClient, path: str, key: str) -> Any:
    answer = await api.get(path, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_new_kind_goes_from_the_api_to_its_timeline(
    api: httpx.AsyncClient, machine: Serving, ids: list[str]
) -> None:
    key = machine.keys["storefront"]
    opened = await _post(api, "/v1/quotes", key, store=ids.pop())
    quote = opened.json()
    assert (opened.status_code, quote["status"], QUOTE.is_id(quote["id"])) == (200, "offered", True)
    accepted = await _post(api, f"/v1/quotes/{quote['id']}/accept", key)
    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted")

    life = await _read(api, f"/v1/quotes/{quote['id']}/timeline", key)
    assert (life["kind"], life["status"], life["number"]) == ("quote", "accepted", "QUO-1")
    assert [line["event"] for line in life["timeline"]] == ["quote_offered", "quote_accepted"]
    taken = projection_of(QUOTE.name, accepted.json())
    assert [band.state for band in KINDS.named(QUOTE.name).milestones(taken)] == ["reached", "reached"]

    late = await _post(api, f"/v1/quotes/{quote['id']}/accept", key)
    assert (late.status_code, late.json()["code"]) == (409, "entity_closed")
    assert "This quote is accepted" in late.json()["detail"]
    unknown = await _post(api, "/v1/quotes/ord_1/accept", key)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


@pytest.mark.rule("G3")
@pytest.mark.parametrize(("early", "status"), [(timedelta(microseconds=1), 200), (timedelta(0), 409)])
async def test_its_closing_is_met_on_the_test_clock_and_judged_by_the_receipt(
    api: httpx.AsyncClient,
    machine: Serving,
    ids: list[str],
    early: timedelta,
    status: int,
) -> None:
    store, key = ids.pop(), machine.keys["storefront"]
    quote = (await _post(api, "/v1/quotes", key, store=store)).json()
    to = datetime.fromisoformat(quote["open_until"]) - early
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": uuid4().hex}
    moved = await api.post(f"/v1/test-clocks/{store}/advance", json={"to": to.isoformat()}, headers=headers)
    assert moved.status_code == 200, moved.text
    answer = await _post(api, f"/v1/quotes/{quote['id']}/accept", key)
    assert answer.status_code == status, answer.text
