"""Copies of store files differ from their source in the requested keys and in nothing else."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jalon.local.storefolder import NotAStoreFile, copy_store, live_copies

STORE = """\
# A comment stays.
[store]
id = "shop"
name = "Shop"
clock = "test"
clock_starts_at = 2026-01-15T10:30:00+01:00

[[products]]
id = "not the store's"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "texts").mkdir(parents=True)
    (folder / "texts" / "terms.md").write_text("terms")
    (folder / "shop.toml").write_text(STORE)
    return folder


def test_a_copy_under_another_id_on_another_day(source: Path, tmp_path: Path) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    copy = copy_store(source / "shop.toml", tmp_path, store_id="shop-07", clock="test", starts_at=start)
    written = tomllib.loads(copy.read_text())
    assert copy.name == "shop-07.toml"
    assert written["store"] == {"id": "shop-07", "name": "Shop", "clock": "test", "clock_starts_at": start}
    assert written["products"] == [{"id": "not the store's"}]


def test_live_copies_have_no_test_clock_and_keep_their_texts(source: Path, tmp_path: Path) -> None:
    target = live_copies(source, tmp_path / "live")
    assert tomllib.loads((target / "shop.toml").read_text())["store"] == {
        "id": "shop",
        "name": "Shop",
        "clock": "live",
    }
    assert (target / "texts" / "terms.md").read_text() == "terms"


def test_a_file_without_a_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[other]\n")
    with pytest.raises(NotAStoreFile):
        copy_store(tmp_path / "x.toml", tmp_path, store_id="y")
