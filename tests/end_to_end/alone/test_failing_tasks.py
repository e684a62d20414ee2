"""An entity whose workflow task fails is seen by operators, and holds neither its store's clock nor another entity."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from jalon.local.machine import Machine
from jalon.persistence.ids import new_id
from jalon.persistence.sessions import Sessions
from tests.support.entities import Entity
from tests.support.shop import OpenShop, at, eventually

SEEN_WITHIN_SECONDS = 60.0
_UNKNOWN = text(
    """insert into receipt (id, store_id, entity_kind, entity_id, command, body, actor, role, principal, idempotency_key,
                            fingerprint, received_at)
       values (:id, :store, 'order', :entity, 'unknown', '{}', 'nobody', 'entity', 'nobody', :id, '', :at)"""
)


async def send_unknown_command(machine: Machine, entity: Entity) -> None:
    """Records a command that this release does not know, as an older worker beside a newer API meets it."""
    sessions = Sessions.connect(machine.environment["JALON_DATABASE_URL"])
    row = {"id": new_id("receipt"), "store": entity.shop.id, "entity": entity.id, "at": entity.shop.now}
    async with sessions.of(entity.shop.id) as tx:
        await tx.execute(_UNKNOWN, row)
    await sessions.close()


@pytest.mark.timeout(180)
async def test_a_failing_workflow_task_is_seen_and_holds_no_clock(
    open_shop: OpenShop, machine: Machine
) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    broken, well = shop.order("drafting-light"), shop.order("drafting-light")
    let_go = max(each["due_at"] for each in well["agenda"])
    await send_unknown_command(machine, broken)
    (cause,) = eventually(lambda: shop.parked() or None, "the failing task is seen", SEEN_WITHIN_SECONDS)
    assert (cause["step"], cause["stalled"]) == ("workflow_task", True)
    assert cause["cause"] == "workflow_worker_unhandled_failure:LookupError"
    assert [each["id"] for each in cause["entities"]] == [broken.id]
    moved = shop.store.advance(to=at(let_go))
    assert moved["unsettled"] == [broken.id]
    assert (well.read()["status"], broken.read()["status"]) == ("expired", "cart")
