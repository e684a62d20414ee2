"""A small run on real engines: the ways agree, and no longer agree when one row or mail is missing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import psycopg
import pytest

from jalon.bootstrap import Installation, open_resources
from jalon.rehearsal.bench.agreement import Agreement, compare, left_behind
from jalon.rehearsal.bench.load import watching
from jalon.rehearsal.bench.play import Plan, Play
from jalon.rehearsal.bench.stage import STORE, Stage, staged
from jalon.rehearsal.bench.ways import Bought

TINY = Plan(orders=1, concurrency=1, rounds=1, renewal=False)


async def _played(stage: Stage) -> tuple[Play, dict[str, Any]]:
    async with open_resources(Installation.read()) as resources, watching(stage.superuser) as watch:
        play = Play(stage, resources, watch, TINY, lambda _line: None)
        return play, (await play.run()).as_dict()


def _agreement(stage: Stage, bought: list[Bought]) -> Agreement:
    urls = stage.machine.urls
    left = asyncio.run(left_behind(stage.superuser, STORE, urls["mailbox"], urls["payments"], bought))
    return compare(left, bought)


@pytest.mark.timeout(300)
def test_the_ways_agree_until_something_is_missing() -> None:
    with staged(lambda _line: None) as stage:
        play, found = asyncio.run(_played(stage))
        assert found["ok"], found["faults"]
        assert found["actions_per_order"] <= 24
        assert found["baseline_actions_per_order"] > found["bundled_actions_per_order"]
        victim = play.bought[-1]
        with psycopg.connect(stage.superuser, autocommit=True) as connection:
            connection.execute(
                "delete from mail where entity_id = %s and template = 'contract_ready'",
                [victim.subscription],
            )
        (fault,) = _agreement(stage, play.bought).faults
        assert fault == f"{victim.way} {victim.id} lacks 1 × mail contract_ready, accepted"
        httpx.delete(f"{stage.machine.urls['mailbox']}/api/messages").raise_for_status()
        assert "left 0 × letter, not 3" in _agreement(stage, play.bought[:1]).faults[0]
