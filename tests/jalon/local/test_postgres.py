"""The local PostgreSQL: roles without superuser rights, and a start after a kill -9 that loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jalon.local.machine import Machine
from jalon.local.ports import free_ports


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("engine")
    with Machine(folder, folder, ports=free_ports(), programs=("postgres",)) as machine:
        yield machine


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def _application(engine: Machine) -> psycopg.Connection:
    return _connect(engine.environment["JALON_DATABASE_URL"])


def test_no_role_of_ours_is_a_superuser_or_passes_row_level_security(engine: Machine) -> None:
    with _connect(engine.owner_url) as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
            " WHERE rolname LIKE 'jalon%' ORDER BY rolname"
        ).fetchall()
    assert rows == [(name, False, False, False, False) for name in ("jalon_app", "jalon_owner")]


def test_the_application_owns_nothing_and_makes_nothing(engine: Machine) -> None:
    with _application(engine) as connection:
        owned = connection.execute(
            "SELECT relname FROM pg_class"
            " WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        ).fetchall()
        assert owned == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


def test_a_wrong_password_is_refused(engine: Machine) -> None:
    url = engine.environment["JALON_DATABASE_URL"].replace("jalon_app:", "jalon_app:x")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        _connect(url)


def test_what_was_committed_survives_a_kill(engine: Machine) -> None:
    with _connect(engine.owner_url) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    for _ in range(2):
        engine.kill("postgres")
        engine.wait_ready("postgres")
    with _connect(engine.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_lock_file_left_by_a_kill_is_no_obstacle(engine: Machine) -> None:
    engine.kill("postgres", revive=False)
    lock = engine.data_dir / "postgres" / "postmaster.pid"
    assert lock.exists()
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join(["1", *lines[1:]]))
    engine.start("postgres")
    assert "postgres" in engine.pids


def test_secrets_are_for_their_owner_only(engine: Machine) -> None:
    assert (engine.data_dir / "secrets.json").stat().st_mode & 0o077 == 0
    assert (engine.data_dir / "postgres").stat().st_mode & 0o077 == 0


def test_a_cluster_that_was_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18")
    with Machine(tmp_path, tmp_path, ports=free_ports(), programs=("postgres",)) as machine:
        assert set(machine.pids) == {"postgres"}
