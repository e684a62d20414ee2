"""Any fault of a store file: all faults are reported at once and in order, and no other exception is raised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jalon.policy.authoring.faults import Fault, StoreFileFaults
from jalon.policy.authoring.loader import load_store, load_stores
from tests.jalon.policy.conftest import STORE, WriteStore, faults_of, line_of

DAMAGE: list[Callable[[str], str]] = [
    lambda _: "",
    lambda line: line + line,
    lambda line: line.partition("=")[0] + "= 3",
    lambda line: line.partition("=")[0] + '= "?"',
    lambda line: line.partition("=")[0] + '= [["x"], { y = 1.5 }, nan]',
    lambda line: line.partition("=")[0] + "= { a = { b = 2026-01-15 } }",
    lambda line: line.replace("[[", "[").replace("]]", "]"),
    lambda line: line.replace("[", "[[").replace("]", "]]"),
    lambda line: line.replace("e", "ee", 1),
]


def test_all_faults_of_a_file_come_at_once_in_line_order(write_store: WriteStore) -> None:
    path = write_store(
        ('clock = "test"', 'clock = "tset"'),
        ('sales = "sales@', 'sales = "sales'),
        ('stop_until = "P5D"', 'stop_until = "soon"'),
        ('P1Y = "99.90"', 'P1Y = "cheap"'),
        ('audiences = ["maker"]', 'audiences = ["makers"]'),
        ("valid_from = 2027-01-15", "valid_from = 3"),
    )
    faults = faults_of(path)
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)
    assert {fault.key for fault in faults} == {
        "store.clock",
        "routes.sales",
        "renewal.stop_until",
        "products[1].prices.EUR.P1Y",
        "products[2].audiences",
        "documents[1].valid_from",
    }


def test_bad_toml_is_named_by_its_line(write_store: WriteStore) -> None:
    path = write_store(('clock = "test"', "clock = test"))
    (fault,) = faults_of(path)
    assert (fault.line, fault.key) == (line_of(path, "clock = test"), "")
    assert fault.message.startswith("is not TOML")
    assert str(fault).startswith(f"{path}:{fault.line}: is not TOML")


def test_toml_that_ends_too_soon_is_named_by_its_last_line(write_store: WriteStore) -> None:
    path = write_store(append='[open]\nkey = """never closed')
    (fault,) = faults_of(path)
    assert fault.line == line_of(path, "never closed")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            'clock = "test',
            "at column 14, in `clock = \"test`: Illegal character '\\n'; a text ends on its line",
        ),
        ("clock = “test”", "at column 9, in `clock = “test”`: Invalid value; write straight quotes"),
        ("clock = test", "at column 9, in `clock = test`: Invalid value; put a text in quotes"),
        (
            "clock: test",
            "at column 6, in `clock: test`: Expected '=' after a key in a key/value pair; a line is",
        ),
        ('clock = "test"\nclock = "live"', "Cannot overwrite a value; write each key once"),
    ],
)
def test_bad_toml_has_its_place_its_line_and_a_hint(write_store: WriteStore, written: str, said: str) -> None:
    (fault,) = faults_of(write_store(('clock = "test"', written)))
    assert said in fault.message


def test_what_is_no_text_or_no_file_is_a_fault(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'schema_version = 1\nname = "caf\xe9"\n')
    (fault,) = faults_of(latin)
    assert (fault.line, fault.message) == (2, "is not UTF-8 text")
    (missing,) = faults_of(tmp_path / "none.toml")
    assert "cannot be read" in missing.message


def test_an_empty_file_says_what_a_store_needs(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("", encoding="utf-8")
    keys = {fault.key for fault in faults_of(path)}
    assert {"schema_version", "store.id", "store.support_email", "audiences", "products", "documents"} <= keys


def test_a_folder_names_the_faults_of_all_its_files(write_store: WriteStore, tmp_path: Path) -> None:
    write_store(('clock = "test"', 'clock = "tset"'), name="a.toml")
    write_store(('"OPT"', '"?"'), name="b.toml")
    with pytest.raises(StoreFileFaults) as refused:
        load_stores(tmp_path)
    assert [(Path(fault.file).name, fault.key) for fault in refused.value.faults] == [
        ("a.toml", "store.clock"),
        ("b.toml", "store.order_number_prefix"),
    ]


def test_two_files_cannot_be_one_store(write_store: WriteStore, tmp_path: Path) -> None:
    write_store(name="a.toml")
    path = write_store(name="b.toml")
    with pytest.raises(StoreFileFaults) as refused:
        load_stores(tmp_path)
    (fault,) = refused.value.faults
    assert (fault.file, fault.line, fault.key) == (str(path), 4, "store.id")


def test_an_empty_folder_serves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreFileFaults, match="holds no store file"):
        load_stores(tmp_path)


@given(edits=st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(DAMAGE)), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_however_a_file_is_damaged_its_faults_are_named(
    tmp_path: Path, edits: list[tuple[int, Callable[[str], str]]]
) -> None:
    lines = STORE.split("\n")
    for position, damage in edits:
        lines[position % len(lines)] = damage(lines[position % len(lines)])
    path = tmp_path / "damaged.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    faults = named_faults(path)
    assert faults is None or faults
    assert all(1 <= fault.line <= len(lines) and fault.message for fault in faults or ())


def named_faults(path: Path) -> tuple[Fault, ...] | None:
    try:
        load_store(path)
    except StoreFileFaults as refused:
        return refused.faults
    return None
