"""The same code on an external PostgreSQL and an external Temporal, chosen by settings alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from jalon.local.machine import ENGINES, OUTSIDE, OWN, Machine
from jalon.local.ports import free_ports

ROOT = Path(__file__).resolve().parents[3]
NAMED = (
    "JALON_DATABASE_URL",
    "JALON_DATABASE_OWNER_URL",
    "JALON_TEMPORAL_ADDRESS",
    "JALON_TEMPORAL_NAMESPACE",
)


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("elsewhere")
    with Machine(folder, folder, ports=free_ports(), programs=ENGINES) as elsewhere:
        variables = {**elsewhere.environment, "JALON_DATABASE_OWNER_URL": elsewhere.owner_url}
        given = {name: variables[name] for name in NAMED}
        folder = tmp_path_factory.mktemp("guest")
        with Machine(folder, ROOT / "stores", ports=free_ports(), given=given) as machine:
            yield machine


def test_only_our_own_processes_are_started(guest: Machine) -> None:
    assert set(guest.pids) == {*OUTSIDE, *OWN}
    assert httpx.get(guest.urls["api"] + "/readyz").status_code == 200


@pytest.mark.parametrize("name", OWN)
def test_each_process_stops_gracefully_and_comes_back_alone(guest: Machine, name: str) -> None:
    others = {other: pid for other, pid in guest.pids.items() if other != name}
    guest.stop(name)
    assert guest.pids == others
    guest.start(name)
    assert {**guest.pids, name: 0} == {**others, name: 0}
