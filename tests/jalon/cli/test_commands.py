"""The command line with real files and the real database; it prints sentences instead of tracebacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from jalon.local.machine import Machine
from tests.jalon.cli.conftest import Jalon

ROOT = Path(__file__).resolve().parents[3]


def test_the_shipped_stores_are_good(program: Jalon) -> None:
    files = sorted(str(file) for file in (ROOT / "stores").glob("*.toml"))
    result = program("stores", "check", *files)
    assert result.returncode == 0, result.stdout
    for file in files:
        assert f"{file}: " in result.stdout


def test_a_fault_is_named_by_line_and_key(jalon: Jalon, tmp_path: Path) -> None:
    text = (ROOT / "stores" / "fastening.toml").read_text()
    assert '\nname = "Fastening"\n' in text
    line = text[: text.index('\nname = "Fastening"\n')].count("\n") + 2
    (tmp_path / "bad.toml").write_text(text.replace('\nname = "Fastening"\n', '\nnmae = "Fastening"\n', 1))
    result = jalon("stores", "check", "bad.toml")
    assert result.returncode == 1
    assert f'bad.toml:{line}: store.nmae: "nmae" is not a key here' in result.stdout


def test_the_stores_of_a_folder_are_listed(jalon: Jalon) -> None:
    result = jalon("stores", "list", str(ROOT / "stores"))
    assert result.returncode == 0
    for file in (ROOT / "stores").glob("*.toml"):
        assert file.stem in result.stdout


def test_each_rule_is_judged_from_anywhere(jalon: Jalon) -> None:
    assert "tests.rules" not in jalon("--help").stdout
    result = jalon("rules", "--help")
    assert (result.returncode, "--rule RULE" in result.stdout) == (0, True)


def test_a_key_is_issued_listed_and_revoked(jalon: Jalon, postgres: Machine) -> None:
    database = {"JALON_DATABASE_URL": postgres.environment["JALON_DATABASE_URL"]}
    issued = jalon("keys", "issue", "--person", "Ada Admin", "--role", "admin", "--store", "x", **database)
    assert issued.returncode == 0, issued.stderr
    listed = jalon("keys", "list", COLUMNS="80", **database).stdout.splitlines()
    line = next(line for line in listed if "Ada Admin" in line)
    assert issued.stdout.strip() not in line
    key = line.split()[0]
    assert jalon("keys", "revoke", key, **database).stdout == f"{key} is revoked\n"
    again = jalon("keys", "revoke", key, **database)
    assert again.returncode == 1
    assert "no key" in again.stderr


def test_a_name_is_shown_as_it_is_written(jalon: Jalon, postgres: Machine) -> None:
    database = {"JALON_DATABASE_URL": postgres.environment["JALON_DATABASE_URL"]}
    names = ("Ada [ops]", "Rita [/b]")
    for name in names:
        assert jalon("keys", "issue", "--person", name, "--role", "ops", **database).returncode == 0
    listed = jalon("keys", "list", **database)
    assert listed.returncode == 0, listed.stderr
    assert [name for name in names if name not in listed.stdout] == []


def test_a_key_is_not_accepted_without_its_token(jalon: Jalon) -> None:
    result = jalon("keys", "accept")
    assert (result.returncode, result.stdout) == (1, "")
    assert "Give the token that you were sent with --key, or in JALON_API_KEY" in result.stderr


def test_a_key_for_nobody_is_refused(jalon: Jalon, postgres: Machine) -> None:
    database = {"JALON_DATABASE_URL": postgres.environment["JALON_DATABASE_URL"]}
    result = jalon("keys", "issue", "--person", "System", "--role", "compliance", **database)
    assert (result.returncode, result.stdout) == (2, "")
    assert "name the person or system" in " ".join(result.stderr.replace("│", " ").split())


def test_a_role_that_does_not_exist_is_refused(jalon: Jalon, postgres: Machine) -> None:
    database = {"JALON_DATABASE_URL": postgres.environment["JALON_DATABASE_URL"]}
    result = jalon("keys", "issue", "--person", "x", "--role", "king", **database)
    assert result.returncode == 2
    assert "is no role" in result.stderr


def test_the_schema_is_brought_up_to_date(jalon: Jalon, postgres: Machine) -> None:
    result = jalon("db", "upgrade", JALON_DATABASE_OWNER_URL=postgres.owner_url)
    assert result.returncode == 0, result.stderr
    assert "the database is at revision" in result.stdout
    assert jalon("db", "upgrade").returncode == 1


@pytest.mark.parametrize("command", [("orders", "show", "ord_1"), ("keys", "list")])
def test_without_a_machine_a_sentence_says_what_to_do(program: Jalon, command: tuple[str, ...]) -> None:
    result = program(*command)
    assert result.returncode == 1
    assert "run `jalon up`" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_database_that_does_not_answer_is_a_sentence(jalon: Jalon) -> None:
    result = jalon("keys", "list", JALON_DATABASE_URL="postgresql://u:p@127.0.0.1:1/x")
    assert result.returncode == 1
    assert "the database does not answer" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_doctor_finds_what_is_missing(jalon: Jalon) -> None:
    assert jalon("doctor").returncode == 0
    result = jalon("doctor", JALON_DATABASE_URL="postgresql://u:p@127.0.0.1:1/x")
    assert result.returncode == 1
    assert "JALON_SMTP_HOST is missing" in result.stdout
