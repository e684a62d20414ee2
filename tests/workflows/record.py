"""Records the replay corpus anew: runs every scenario on a machine of its own and stores the closed histories.

python -m tests.workflows.record [SCENARIO …]    for a release; histories of former releases stay beside, in folders of their own
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from temporalio.client import Client, WorkflowExecutionStatus

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from tests.support import shop as shops
from tests.support import temporal as engine
from tests.support.shop import Entity, Shop
from tests.support.stores import SandboxStore, StorePool
from tests.workflows.scenarios import SCENARIOS

ROOT = Path(__file__).parents[2]
HISTORIES = Path(__file__).with_name("histories")
CODEC_KEYS = "tests:dGhlIGNvbW1pdHRlZCBrZXkgb2YgYWxsIHRlc3RzISE="
"""Committed on purpose: the key encrypts only test orders, so that their histories stay readable."""

COPIES = dict.fromkeys((scenario.store for scenario in SCENARIOS.values()), 4)


def main() -> None:
    """Records the named scenarios, or all."""
    wanted = sys.argv[1:] or list(SCENARIOS)
    with _machine() as (machine, pool):
        for name in wanted:
            kept = _record(name, machine, pool)
            sys.stdout.write(f"{name}: {kept} histories\n")


@contextmanager
def _machine() -> Iterator[tuple[Machine, StorePool]]:
    with tempfile.TemporaryDirectory(prefix="jalon-record-") as folder:
        stores = Path(folder) / "stores"
        pool = StorePool.stock(stores, [ROOT / "stores", ROOT / "tests" / "stores"], COPIES)
        given = {"JALON_CODEC_KEYS": CODEC_KEYS}
        with Machine(
            Path(folder) / "machine", stores, ports=free_ports(), given=given, report=print
        ) as machine:
            yield machine, pool


def _record(name: str, machine: Machine, pool: StorePool) -> int:
    scenario = SCENARIOS[name]
    shop = shops.shop_of(SandboxStore(pool.take(scenario.store), machine.urls["api"], machine.keys), machine)
    if scenario.store != "rapid":
        shop.to("2026-01-15 10:30")
    lived = scenario.live(shop)
    assert tuple(entity.status for entity in lived) == scenario.ends, [entity.status for entity in lived]
    kept = asyncio.run(_histories(name, shop, lived))
    HISTORIES.mkdir(exist_ok=True)
    for former in HISTORIES.glob(f"{name}.*.json"):
        former.unlink()
    for file, history in kept.items():
        (HISTORIES / file).write_text(history)
    shop.store.close()
    shops.close(shop)
    return len(kept)


async def _histories(name: str, shop: Shop, lived: list[Entity]) -> dict[str, str]:
    client = await engine.client_of(shop.machine)
    kept = {}
    for number, entity in enumerate(lived, 1):
        for run, (run_id, status) in enumerate(await engine.runs_of(client, entity)):
            assert status != WorkflowExecutionStatus.RUNNING, f"{entity.id} is not over"
            kept[f"{name}.{number}-{entity.kind}.{run}.json"] = await _history(client, entity, run_id)
    return kept


async def _history(client: Client, entity: Entity, run_id: str) -> str:
    handle = client.get_workflow_handle(engine.workflow_id(entity), run_id=run_id)
    return (await handle.fetch_history()).to_json() + "\n"


if __name__ == "__main__":
    main()
