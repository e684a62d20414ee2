"""`jalon audit verify` names what was changed or taken away, and what it could not compare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from jalon.domain.audit_chains import Chain, Head
from jalon.integrations.audit_heads import HeadsFile, read_private_key
from jalon.local.keyring import AuditFiles
from jalon.local.machine import Machine
from tests.jalon.cli.conftest import Jalon

ROOT = Path(__file__).resolve().parents[3]
ENTRIES = """insert into audit (store_id, entity_id, at, actor, role, action, data)
             select 'audited', %s, now(), 'ana', 'ops', 'act ' || n, '{}' from generate_series(1, 3) n"""
Owner = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def owner(postgres: Machine, tmp_path: Path) -> Iterator[Owner]:
    """The owner's connection in the scope of the store `audited`, whose file is in `stores` and whose audit is empty."""
    (tmp_path / "stores").mkdir()
    example = (ROOT / "stores" / "fastening.toml").read_text()
    assert '\nid = "fastening"\n' in example
    (tmp_path / "stores" / "audited.toml").write_text(example.replace('"fastening"', '"audited"', 1))
    with psycopg.connect(postgres.owner_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("select set_config('app.stores', 'audited', false)")
        connection.execute("delete from audit")
        connection.execute(ENTRIES, ["ord_audited"])
        yield connection


@pytest.fixture
def database(postgres: Machine) -> dict[str, str]:
    """The variable that names the database."""
    return {"JALON_DATABASE_URL": postgres.environment["JALON_DATABASE_URL"]}


@pytest.fixture
def files(owner: Owner, tmp_path: Path) -> AuditFiles:
    """A pair of keys, and a file with the head of the chain and one of a store that is not served here."""
    files = AuditFiles(tmp_path)
    files.make_keys()
    last = owner.execute("select id, encode(digest, 'hex') from audit order by id desc limit 1").fetchone()
    assert last is not None
    heads = {
        Chain("audited", "ord_audited"): Head(*last),  # type: ignore[arg-type]
        Chain("elsewhere", "ord_x"): Head(1, "0"),
    }
    with HeadsFile(files.heads, read_private_key(files.private_key)).open() as file:
        assert file is not None
        file.append(datetime(2026, 1, 15, 9, 30, tzinfo=UTC), heads)
    return files


def test_an_entry_that_was_changed_is_named(jalon: Jalon, owner: Owner, database: dict[str, str]) -> None:
    good = jalon("audit", "verify", **database)
    assert (good.returncode, good.stdout.splitlines()) == (
        0,
        [
            "3 entries in 1 chain of 1 store",
            "no signed heads: the last entries of a chain can be missing without a sign (--heads)",
            "every entry is as it was recorded",
        ],
    )
    owner.execute("update audit set actor = 'eve' where action = 'act 2'")
    bad = jalon("audit", "verify", **database)
    assert bad.returncode == 1
    assert "audited ord_audited entry" in bad.stdout
    assert "(act 2, " in bad.stdout
    assert bad.stdout.endswith("was changed\n")
    told = json.loads(jalon("audit", "verify", "--json", **database).stdout)
    assert (told["ok"], told["entries"], len(told["broken"])) == (False, 3, 1)
    assert told["broken"][0]["fault"] == "was changed"


def test_the_last_entries_of_a_chain_are_missed(
    jalon: Jalon, owner: Owner, database: dict[str, str], files: AuditFiles
) -> None:
    given = ("--heads", str(files.heads), "--public-key", str(files.public_key))
    good = jalon("audit", "verify", *given, **database)
    assert (good.returncode, good.stdout.splitlines()[1:]) == (
        0,
        [
            "1 signed line, the last of 2026-01-15T09:30:00+00:00; 0 chains with later entries than that",
            "not compared, since no store file is given: elsewhere",
            "every entry is as it was recorded",
        ],
    )
    owner.execute("delete from audit where action in ('act 2', 'act 3')")
    assert jalon("audit", "verify", **database).returncode == 0
    bad = jalon("audit", "verify", *given, **database)
    assert bad.returncode == 1
    assert bad.stdout.splitlines()[-1].endswith(": was signed and is missing")


def test_heads_that_cannot_be_believed_are_refused(
    jalon: Jalon, database: dict[str, str], files: AuditFiles, tmp_path: Path
) -> None:
    other = AuditFiles(tmp_path / "other")
    other.folder.mkdir()
    other.make_keys()
    for options, said in (
        (("--heads", str(files.heads), "--public-key", str(other.public_key)), "line 1 is not as this key"),
        (("--heads", str(tmp_path / "none"), "--public-key", str(files.public_key)), "none cannot be read"),
        (("--heads", str(files.heads), "--public-key", str(files.heads)), "holds no public key"),
        (("--public-key", str(files.public_key)), "name it with --heads"),
    ):
        result = jalon("audit", "verify", *options, **database)
        assert result.returncode == 1
        assert said in result.stderr
