"""The doctor on a running machine, with parts of it gone, and on a stopped one; no command answers with a traceback."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from tests.jalon.cli.conftest import Jalon

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.timeout(400)

STEP = ("--step", "payment", "--reason", "because")
ASKING = {
    "orders find": ("orders", "find", "DRA-2026-AAAAAA"),
    "causes": ("causes",),
    "causes show": ("causes", "show", "0123456789ab"),
    "repairs plan": ("repairs", "plan", "--cause", "0123456789ab", "--name", "x", "--reason", "y"),
    "repairs status": ("repairs", "status", "rep_none"),
    "orders show": ("orders", "show", "DRA-2026-AAAAAA"),
    "orders show, an id": ("orders", "show", "ord_none"),
    "orders stuck": ("orders", "stuck"),
    "orders park": ("orders", "park", "ord_none", *STEP),
    "orders retry": ("orders", "retry", "ord_none", *STEP),
    "orders skip": ("orders", "skip", "ord_none", *STEP, "--evidence", "a cheque"),
    "orders compensate": ("orders", "compensate", "ord_none", *STEP),
}
"""The commands that ask the API."""
READING = {
    "keys list": ("keys", "list"),
    "keys issue": ("keys", "issue", "--person", "Ada Admin", "--role", "admin"),
    "keys revoke": ("keys", "revoke", "key_none"),
    "audit verify": ("audit", "verify", "--stores", str(ROOT / "stores")),
    "db measure": ("db", "measure"),
    "db rebuild-search": ("db", "rebuild-search", "--stores", str(ROOT / "stores")),
    "db fill": ("db", "fill", "--orders", "10", "--stores", "2"),
}
"""The commands that open the database."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine of this file alone, with its addresses where `jalon up` writes them."""
    folder = tmp_path_factory.mktemp("doctor")
    with Machine(folder, ROOT / "stores", ports=free_ports(), durable=False) as served:
        (folder / "addresses.json").write_text(json.dumps(served.urls))
        yield served


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a machine that was started and stopped."""
    folder = tmp_path_factory.mktemp("stopped")
    with Machine(
        folder, ROOT / "stores", ports=free_ports(), durable=False, programs=("postgres",)
    ) as served:
        (folder / "addresses.json").write_text(json.dumps(served.urls))
        (folder / "keys.json").write_text(json.dumps({"ops": "jln_x", "support": "jln_x"}))
    return folder


def failing(result: subprocess.CompletedProcess[str]) -> list[str]:
    """The checks of which the doctor says what to do."""
    assert result.returncode in (0, 1), result.stderr
    found = re.findall(r"^!!  (.+?)  ", result.stdout, re.MULTILINE)
    assert result.stdout.count("→") == len(found), result.stdout
    assert bool(found) is bool(result.returncode), result.stdout
    return found


def until_well(jalon: Jalon, machine: Machine) -> None:
    """A relay counts as started before it serves its figures."""
    deadline = time.monotonic() + 60
    while failing(told := jalon("doctor", "--data", str(machine.data_dir))):
        assert time.monotonic() < deadline, told.stdout


def is_a_sentence(result: subprocess.CompletedProcess[str]) -> None:
    assert result.returncode == 1, result.stdout
    assert result.stderr.strip(), result.stdout
    assert "Traceback" not in result.stderr + result.stdout


def test_a_running_machine_is_well_and_its_ports_are_its_own(jalon: Jalon, machine: Machine) -> None:
    well = jalon("doctor", "--data", str(machine.data_dir))
    assert failing(well) == [], well.stdout
    assert "another program" not in well.stdout
    told = json.loads(jalon("doctor", "--data", str(machine.data_dir), "--json").stdout)
    assert told["ok"] is True
    asked = {each["subject"] for each in told["checks"]}
    assert asked >= {
        "machine",
        "api",
        "database",
        "temporal",
        "stuck",
        "api's database",
        "api's temporal",
        "schema",
        "database clock",
        "temporal clock",
        "queue jalon",
        "queue jalon-database",
        "sender",
        "time zones",
        "relay",
        "worker",
        "mail",
        "payments",
        "clock",
        "disk",
    }


def test_a_killed_worker_is_named(jalon: Jalon, machine: Machine) -> None:
    machine.kill("worker", revive=False)
    told = jalon("doctor", "--data", str(machine.data_dir))
    assert failing(told) == ["worker"], told.stdout
    assert str(machine.data_dir / "logs" / "worker.log") in told.stdout
    machine.start("worker")


def test_a_mail_server_that_is_away_is_named(jalon: Jalon, machine: Machine) -> None:
    machine.stop("mailbox")
    told = jalon("doctor", "--data", str(machine.data_dir))
    assert failing(told) == ["mail"], told.stdout
    machine.start("mailbox")


def test_a_relay_and_a_sandbox_that_are_away_are_named(jalon: Jalon, machine: Machine) -> None:
    for name in ("relay", "payments"):
        machine.stop(name)
    assert failing(jalon("doctor", "--data", str(machine.data_dir))) == ["relay", "payments"]
    for name in ("relay", "payments"):
        machine.start(name)
    until_well(jalon, machine)


def test_what_is_stuck_is_counted_and_listed_with_its_cause(jalon: Jalon, machine: Machine) -> None:
    with psycopg.connect(machine.owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("select set_config('app.stores', 'drafting', false)")
        owner.execute(
            """insert into stalled (store_id, entity_id, step, cause, fingerprint)
               values ('drafting', 'ord_stuck', 'record', 'StoreUnknown: drafting', 'f1f1f1f1f1f1')"""
        )
        told = jalon("doctor", "--data", str(machine.data_dir))
        listed = jalon("orders", "stuck", "--data", str(machine.data_dir), COLUMNS="80")
        owner.execute("delete from stalled where entity_id = 'ord_stuck'")
    assert failing(told) == ["stuck"], told.stdout
    assert "1 stalled (1 at record: " in told.stdout
    assert "`jalon causes` lists them" in told.stdout
    first, way_out, only = listed.stdout.splitlines()
    assert (first.startswith("1 stalled at record since "), "goes on by itself" in way_out) == (True, True)
    assert only.split() == ["ord_stuck", "drafting"]
    assert jalon("orders", "stuck", "--data", str(machine.data_dir)).stdout == "nothing is stuck\n"


LISTS = ("orders find", "orders stuck", "causes")
"""What answers with an empty list."""


@pytest.mark.parametrize(
    "command",
    [each for name, each in ASKING.items() if name not in LISTS],
    ids=lambda each: " ".join(each[:2]),
)
def test_what_the_api_refuses_is_a_sentence(jalon: Jalon, machine: Machine, command: tuple[str, ...]) -> None:
    is_a_sentence(jalon(*command, "--data", str(machine.data_dir)))


def test_an_unknown_key_is_a_sentence(jalon: Jalon, machine: Machine) -> None:
    for command in ASKING.values():
        is_a_sentence(jalon(*command, "--api", machine.urls["api"], "--key", "jln_unknown"))


def test_without_the_database_every_command_says_so(
    jalon: Jalon, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.cli.connection.PATIENCE_SECONDS", 0.5)
    machine.stop("postgres")
    told = jalon("doctor", "--data", str(machine.data_dir))
    assert "database" in failing(told), told.stdout
    for command in (*ASKING.values(), *READING.values()):
        is_a_sentence(jalon(*command, "--data", str(machine.data_dir)))
    machine.start("postgres")


@pytest.mark.parametrize("command", [*ASKING.values(), *READING.values()], ids=[*ASKING, *READING])
def test_of_a_stopped_machine_every_command_says_how_to_start_it(
    jalon: Jalon, stopped: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.cli.connection.PATIENCE_SECONDS", 0.2)
    result = jalon(*command, "--data", str(stopped))
    is_a_sentence(result)
    assert "jalon up" in result.stderr


@pytest.mark.parametrize("command", [*ASKING.values(), *READING.values()], ids=[*ASKING, *READING])
def test_where_none_was_ever_started_every_command_says_so(
    jalon: Jalon, tmp_path: Path, command: tuple[str, ...]
) -> None:
    result = jalon(*command, "--data", str(tmp_path))
    is_a_sentence(result)
    assert "no machine was started" in result.stderr


def test_a_stopped_machine_is_not_well_and_says_how_to_start_it(jalon: Jalon, stopped: Path) -> None:
    told = jalon("doctor", "--data", str(stopped))
    assert failing(told) == ["machine"], told.stdout
    assert f"start it: jalon up --data {stopped}" in told.stdout
    assert "another program" not in told.stdout
    assert [
        line
        for line in jalon("doctor", "--data", str(stopped), COLUMNS="80").stdout.splitlines()
        if len(line) > 80 and "/" not in line
    ] == []


def test_what_does_not_answer_is_waited_for_once(jalon: Jalon) -> None:
    """A server that takes connections and says nothing holds up each look for its time, and all of them for no longer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        told = jalon(
            "doctor",
            "--api",
            f"http://127.0.0.1:{port}",
            "--key",
            "jln_x",
            JALON_DATABASE_URL=f"postgresql://u:p@127.0.0.1:{port}/x",
            JALON_TEMPORAL_ADDRESS=f"127.0.0.1:{port}",
            JALON_SMTP_HOST="127.0.0.1",
            JALON_SMTP_PORT=str(port),
            JALON_PUBLIC_URL=f"https://127.0.0.1:{port}",
        )
    assert {*failing(told)} == {"api", "database", "settings", "mail", "temporal", "certificate 127.0.0.1"}
    assert "Traceback" not in told.stdout + told.stderr
    assert time.monotonic() - began < 15


def test_a_machine_that_runs_is_not_said_to_take_its_own_ports(jalon: Jalon, machine: Machine) -> None:
    assert "port " not in jalon("doctor", "--data", str(machine.data_dir)).stdout
