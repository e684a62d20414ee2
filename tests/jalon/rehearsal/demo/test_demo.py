"""`jalon demo` end to end: every store's order reaches its second renewal."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]
WITHIN_SECONDS = 240

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def demo(tmp_path: Path) -> Run:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jalon.cli.main", "demo", *options],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=WITHIN_SECONDS,
            check=False,
        )

    return run


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    """An empty folder for store files."""
    folder = tmp_path / "stores"
    folder.mkdir()
    return folder


@pytest.mark.timeout(WITHIN_SECONDS + 10)
@pytest.mark.rule("D14", "G8")
def test_each_shipped_store_and_another_vendors_gets_to_its_second_renewal(
    demo: Run, stores: Path, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "stores", stores, dirs_exist_ok=True)
    (stores / "optics.toml").write_text(_fifth_store())
    done = demo("--json", "--stores", str(stores))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.keys() == {"ok", "seconds", "stores"}
    assert told["ok"] is True
    assert [each["store"] for each in told["stores"]] == sorted(path.stem for path in stores.glob("*.toml"))
    for store in told["stores"]:
        _check(store)
    assert list(tmp_path.iterdir()) == [stores], "something was left behind"


def _check(store: dict[str, Any]) -> None:
    assert store.keys() == {
        "store", "order_id", "subscription_ids", "status", "timeline", "emails", "charges",
    }  # fmt: skip
    assert store["status"] == "completed"
    assert store["order_id"].startswith("ord_")
    assert all(each.startswith("sub_") for each in store["subscription_ids"])
    assert all(each.keys() == {"at", "event", "rule"} for each in store["timeline"])
    instants = [datetime.fromisoformat(each["at"]) for each in store["timeline"]]
    assert instants == sorted(instants)
    assert all(each.keys() == {"to", "template", "subject"} for each in store["emails"])
    assert [each["template"] for each in store["emails"]].count("renewed") == 2
    assert all(each.keys() == {"at", "amount", "currency"} for each in store["charges"])
    starts = [each["at"] for each in store["timeline"] if each["event"] == "term_started"]
    assert len(starts) == 2
    paid_at = [datetime.fromisoformat(each["at"]) for each in store["charges"]]
    assert paid_at[1:] == [datetime.fromisoformat(each) for each in starts], "a term is charged at its start"


def test_a_folder_without_stores_is_named(demo: Run, stores: Path) -> None:
    done = demo("--stores", str(stores))
    assert done.returncode == 1
    assert "holds no store file" in done.stderr
    assert "Traceback" not in done.stderr


def _fifth_store() -> str:
    """The example store on the page on stores."""
    page = (ROOT / "stores" / "README.md").read_text()
    example = re.search(r"```toml\n(schema_version = 1\n.*?)```", page, re.DOTALL)
    assert example
    return example.group(1)
