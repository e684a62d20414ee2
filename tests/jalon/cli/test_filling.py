"""`jalon db fill` and `jalon db measure`, and what any command on a database says where the database cannot do it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.rehearsal.fill.filling import MASTER
from jalon.rehearsal.fill.reads import every_read
from tests.jalon.cli.conftest import Jalon

ROOT = Path(__file__).resolve().parents[3]
ON_A_DATABASE = (
    ("keys", "list"),
    ("audit", "verify", "--stores", str(ROOT / "stores")),
    ("db", "measure"),
    ("db", "upgrade"),
    ("db", "fill", "--orders", "10"),
    ("up", "--data", "up", "--stores", str(ROOT / "stores")),
)

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A database of this file alone."""
    folder = tmp_path_factory.mktemp("filled")
    with Machine(
        folder, ROOT / "stores", ports=free_ports(), durable=False, programs=("postgres",)
    ) as machine:
        yield machine


@pytest.fixture(scope="module")
def other(database: Machine) -> str:
    """The address of a database without a schema, as its owner, beside that one."""
    secrets = json.loads((database.data_dir / "secrets.json").read_text())
    port = database.ports["postgres"]
    root = f"postgresql://postgres:{secrets['superuser_password']}@127.0.0.1:{port}/postgres"
    with psycopg.connect(root, autocommit=True) as superuser:
        superuser.execute("create database bare owner jalon_owner")
    return database.owner_url.removesuffix("/jalon") + "/bare"


def test_an_unfilled_database_is_not_measured(jalon: Jalon, other: str, database: Machine) -> None:
    refused = jalon("db", "measure", "--data", str(database.data_dir))
    assert (refused.returncode, refused.stderr) == (
        1,
        "this database was not filled: run `jalon db fill` first\n",
    )


def test_a_database_is_filled_once_and_each_read_measured(jalon: Jalon, database: Machine) -> None:
    data = ("--data", str(database.data_dir))
    filled = jalon("db", "fill", "--orders", "300", "--stores", "3", *data)
    assert filled.returncode == 0, filled.stderr
    assert filled.stdout.startswith("300 orders in 3 stores; ")
    measured = jalon("db", "measure", "--repeats", "2", "--json", *data)
    found = json.loads(measured.stdout)
    assert (found["orders"], found["stores"]) == (300, 3)
    asked = {(each["read"], each["stores"]) for each in found["reads"]}
    assert asked == {(read.name, stores) for read in every_read() for stores in (1, 3)}
    assert found["ok"] is (measured.returncode == 0)
    again = jalon("db", "fill", "--orders", "300", *data)
    assert again.returncode == 1
    assert "this database holds orders, or held some" in again.stderr


def test_a_filled_order_reads_as_a_real_one(jalon: Jalon, database: Machine) -> None:
    stores = ("--stores", str(_store_file(database)), "--data", str(database.data_dir))
    verified = jalon("audit", "verify", *stores)
    assert verified.stdout.splitlines()[-1] == "every entry is as it was recorded"
    assert not verified.stdout.startswith("0 entries")


def test_what_support_searches_is_written_anew(jalon: Jalon, database: Machine) -> None:
    stores = ("--stores", str(database.data_dir / "stores"), "--data", str(database.data_dir))
    texts = "select s::text from search_text s where store_id = 'filled-001' order by 1"
    with psycopg.connect(database.owner_url.replace("+psycopg", "")) as connection:
        connection.execute("set app.stores = 'filled-001'")
        written = connection.execute(texts).fetchall()
        connection.execute("delete from search_text where store_id = 'filled-001'")
        connection.commit()
        wrong = jalon("db", "rebuild-search", *stores)
        key = {"JALON_PERSON_KEYS": f"made-up:{base64.b64encode(MASTER).decode()}"}
        unknown = jalon("db", "rebuild-search", "--after", "people", *stores, **key)
        rest = jalon("db", "rebuild-search", "--after", "payments/~", *stores, **key)
        whole = jalon("db", "rebuild-search", *stores, **key)
        assert connection.execute(texts).fetchall() == written != []
    assert (wrong.returncode, "JALON_PERSON_KEYS does not open" in wrong.stderr) == (1, True)
    assert (unknown.returncode, "is no place of a rebuild" in unknown.stderr) == (1, True)
    assert (rest.returncode, "entities" in rest.stdout, "people" in rest.stdout) == (0, False, True)
    assert whole.returncode == 0, whole.stderr


def _store_file(database: Machine) -> Path:
    folder = database.data_dir / "stores"
    folder.mkdir()
    example = (ROOT / "stores" / "fastening.toml").read_text()
    (folder / "filled-001.toml").write_text(example.replace('"fastening"', '"filled-001"', 1))
    return folder


@pytest.mark.parametrize("command", ON_A_DATABASE, ids=lambda each: " ".join(each[:2]))
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "the database's address cannot be read"),
        ("postgresql://u:p@127.0.0.1:1/x", "the database does not answer"),
        ("WRONG PASSWORD", "password authentication failed"),
    ],
)
def test_a_database_that_cannot_be_opened_is_a_sentence(
    jalon: Jalon, database: Machine, command: tuple[str, ...], address: str, said: str
) -> None:
    wrong = f"postgresql://jalon_owner:wrong@127.0.0.1:{database.ports['postgres']}/jalon"
    url = wrong if address == "WRONG PASSWORD" else address
    refused = jalon(*command, JALON_DATABASE_URL=url, JALON_DATABASE_OWNER_URL=url)
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False), refused.stderr
    assert said in refused.stderr


def test_a_database_without_schema_or_a_role_without_rights_is_a_sentence(
    jalon: Jalon, database: Machine, other: str
) -> None:
    for command in (("keys", "list"), ("db", "measure")):
        assert "run `jalon db upgrade`" in jalon(*command, JALON_DATABASE_URL=other).stderr
    assert "run `jalon db upgrade`" in jalon("db", "fill", JALON_DATABASE_OWNER_URL=other).stderr
    application = database.environment["JALON_DATABASE_URL"].removesuffix("/jalon") + "/bare"
    refused = jalon("db", "upgrade", JALON_DATABASE_OWNER_URL=application)
    assert "may not do this" in refused.stderr
