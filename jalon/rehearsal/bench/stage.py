"""The machine that is measured: the local machine with Jalon's own processes, and one worker of the plain way beside it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from jalon.local.keyring import read_or_make
from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.postgres import DATABASE, SUPERUSER, Postgres
from jalon.local.process_registry import ProcessRegistry
from jalon.local.programs import Program
from jalon.local.servers import ROOT
from jalon.local.supervisor import Supervisor
from jalon.local.temporal import polled_by

STORES = Path(__file__).parent / "stores"
STORE = "bench"
SECONDS_STORE = "bench-seconds"
SKU = "structure-design"
PROGRAMS = ("postgres", "temporal", "mailbox", "payments", "worker", "relay")
PLAIN_QUEUE = "jalon-plain"
READY_WITHIN = 60.0


@dataclass(frozen=True)
class Stage:
    """The resources of a run. `superuser` opens a connection that sees every row and counts every statement."""

    machine: Machine
    plain_worker: Supervisor
    superuser: str


@contextmanager
def staged(report: Callable[[str], None]) -> Iterator[Stage]:
    """Starts everything in a temporary folder and gives this process the settings of an API process. Removes everything afterwards."""
    with tempfile.TemporaryDirectory(prefix="jalon-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        ports = free_ports()
        superuser = _prepare_postgres(folder, ports["postgres"])
        with Machine(folder, STORES, ports=ports, programs=PROGRAMS, report=report) as machine:
            with psycopg.connect(superuser, autocommit=True) as connection:
                connection.execute("create extension if not exists pg_stat_statements")
            worker = _plain_worker(machine, folder, report)
            before = dict(os.environ)
            os.environ.update(machine.environment)
            try:
                yield Stage(machine, worker, superuser)
            finally:
                os.environ.clear()
                os.environ.update(before)
                worker.stop()


def _prepare_postgres(folder: Path, port: int) -> str:
    """Creates the cluster before the machine does, so that it counts statements from its first start."""
    passwords = read_or_make(folder).passwords
    cluster = Postgres(folder / "postgres", port, passwords)
    cluster.create()
    with (cluster.directory / "postgresql.conf").open("a") as configuration:
        configuration.write("\nshared_preload_libraries = 'pg_stat_statements'\n")
    return (
        f"host=127.0.0.1 port={port} dbname={DATABASE} user={SUPERUSER} password={passwords.superuser} "
        "application_name=bench"
    )


def _plain_worker(machine: Machine, folder: Path, report: Callable[[str], None]) -> Supervisor:
    environment = machine.environment | {"JALON_TASK_QUEUE": PLAIN_QUEUE, "PYTHONPATH": str(ROOT)}
    address, namespace = environment["JALON_TEMPORAL_ADDRESS"], environment["JALON_TEMPORAL_NAMESPACE"]
    program = Program(
        "plain-worker",
        (sys.executable, "-m", "jalon.rehearsal.bench.plain.worker"),
        environment,
        directory=ROOT,
        probe=lambda pid: polled_by(address, namespace, PLAIN_QUEUE, pid),
    )
    keeper = Supervisor(program, folder / "logs", ProcessRegistry(folder / "logs"), report)
    keeper.start()
    keeper.wait_ready(READY_WITHIN)
    return keeper
