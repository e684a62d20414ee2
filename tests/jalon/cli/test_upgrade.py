"""An upgrade that cannot be done ends with a sentence that names the way out, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from tests.jalon.cli.conftest import Jalon

ROOT = Path(__file__).resolve().parents[3]
NEVER_RELEASED = "0007"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Machine]:
    """A database alone, in a folder of its own."""
    with Machine(tmp_path / "data", ROOT / "stores", ports=free_ports(), programs=("postgres",)) as machine:
        yield machine


def _connect(machine: Machine) -> psycopg.Connection:
    return psycopg.connect(machine.owner_url.replace("+psycopg", ""))


def test_a_database_of_another_history_is_refused_with_the_way_out(
    jalon: Jalon, program: Jalon, database: Machine
) -> None:
    with _connect(database) as connection:
        connection.execute("update alembic_version set version_num = %s", (NEVER_RELEASED,))
    refused = jalon("db", "upgrade", JALON_DATABASE_OWNER_URL=database.owner_url)
    assert refused.returncode == 1
    said = f"the database is at revision {NEVER_RELEASED}, which this release does not know. "
    assert refused.stderr == f"{said}Use the release that made it, or begin with an empty database.\n"

    database.close()
    up = program("up", "--data", str(database.data_dir), "--stores", str(ROOT / "stores"))
    assert up.returncode == 1
    way_out = f"delete the folder {database.data_dir}, or name another folder with --data."
    assert up.stderr == f"{said}Use the release that made it, {way_out}\n"
    assert not (database.data_dir / "processes.json").exists()


def test_an_upgrade_waits_for_a_table_only_so_long(jalon: Jalon, database: Machine) -> None:
    with _connect(database) as connection:
        connection.execute("lock table alembic_version in access exclusive mode")
        refused = jalon("db", "upgrade", JALON_DATABASE_OWNER_URL=database.owner_url)
    assert refused.returncode == 1
    assert refused.stderr == (
        "another transaction holds a table that the upgrade needs. Nothing was changed: run it again\n"
    )
