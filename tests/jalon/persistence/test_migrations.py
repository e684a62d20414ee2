"""Migrations have no downgrade, are named after their revision, and never change once released.

`released.sha256` lists the released files in the format of sha256sum. It is empty before the first release; step 1 of docs/releasing.md
fills it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import Script, ScriptDirectory

from jalon.persistence.revision import newest

ROOT = Path(__file__).resolve().parents[3]
MIGRATIONS = ROOT / "jalon" / "persistence" / "migrations"
RELEASED = Path(__file__).with_name("released.sha256")
LONGEST_REVISION = 32
"""The length of a revision in Alembic's table."""

SCRIPTS = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _listed(text: str) -> dict[str, str]:
    """The digest of each file that was released, by its path from the root."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}


def _changed(root: Path, listed: dict[str, str]) -> set[str]:
    """The listed files that differ from their release."""
    return {
        path
        for path, digest in listed.items()
        if not (root / path).exists() or hashlib.sha256((root / path).read_bytes()).hexdigest() != digest
    }


def _files() -> Iterator[str]:
    for folder in ("schema", "versions"):
        for file in (MIGRATIONS / folder).iterdir():
            if file.suffix in {".py", ".sql"}:
                yield str(file.relative_to(ROOT))


def _unreleased(changelog: str) -> str:
    """The changelog's section on the time since the last release."""
    return re.split(r"^## ", changelog, flags=re.MULTILINE)[1].removeprefix("Unreleased").strip()


def test_a_released_migration_is_as_it_was_released() -> None:
    assert _changed(ROOT, _listed(RELEASED.read_text())) == set(), "add a migration instead"


def test_at_a_release_every_migration_is_listed() -> None:
    if _unreleased((ROOT / "CHANGELOG.md").read_text()) == "":
        missing = set(_files()) - set(_listed(RELEASED.read_text()))
        assert missing == set(), "fill the list as docs/releasing.md says"


def test_a_changed_and_a_missing_file_are_seen(tmp_path: Path) -> None:
    released = {path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in _files()}
    assert any(path.endswith(".sql") for path in released)
    listing = "# a comment\n" + "".join(f"{digest}  {path}\n" for path, digest in released.items())
    assert _listed(listing) == released
    assert _changed(ROOT, released) == set()
    kept, changed, *missing = sorted(released)
    for path, more in ((kept, b""), (changed, b"\n")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((ROOT / path).read_bytes() + more)
    assert _changed(tmp_path, released) == {changed, *missing}


@pytest.mark.parametrize("more", ["", "\n## 0.1.0 (2026-11-26)\n\n- Before.\n"], ids=["first", "next"])
def test_a_release_is_told_from_work_in_progress(more: str) -> None:
    assert _unreleased(f"# Changelog\n\n## Unreleased\n{more}") == ""
    assert _unreleased(f"# Changelog\n\n## Unreleased\n\n- New.\n{more}") == "- New."


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.revision))
def test_a_revision_is_named_as_its_file(script: Script) -> None:
    assert script.revision == Path(script.path).stem
    assert len(script.revision) <= LONGEST_REVISION


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.revision))
def test_a_migration_has_no_way_back_and_says_so(script: Script) -> None:
    with pytest.raises(NotImplementedError, match=f"{script.revision} has no way back: restore a backup"):
        script.module.downgrade()


def test_the_newest_by_name_is_the_newest_by_descent() -> None:
    assert newest() == ScriptDirectory(str(MIGRATIONS)).get_current_head()
