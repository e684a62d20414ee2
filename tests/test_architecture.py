"""The rules of the tree hold, and each tool that checks a rule reports its violation."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, cast
from zipfile import ZipFile

import pytest

from tests.support.typed_faults import MYPY_FAULTS

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PACKAGES = ("activities", "api", "jalon", "workflows")
TOP_LEVEL = {*PACKAGES, "templates", "worker"}
"""The names that an installation may put beside other packages."""
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "services", "service", "models", "misc"}
MOST_LINES_OF_A_FILE = 300
COPY_TIMEOUT = 280

Plant = Callable[[str, str], None]


def _sources() -> Iterator[Path]:
    for package in (*PACKAGES, "tests"):
        yield from (ROOT / package).rglob("*.py")
    yield from ROOT.glob("*.py")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree without its data, for planting faults."""
    target = tmp_path_factory.mktemp("copy") / "jalon"
    target.mkdir()
    for package in PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, target / package, ignore=ignore)
    for file in (*ROOT.glob("*.py"), ROOT / "pyproject.toml"):
        shutil.copy(file, target)
    return target


@pytest.fixture
def plant(copy: Path) -> Iterator[Plant]:
    """Writes a new file into the copy and removes it after the test."""
    planted: list[Path] = []

    def write(path: str, text: str) -> None:
        file = copy / path
        assert not file.exists()
        file.write_text(text)
        planted.append(file)

    yield write
    for file in planted:
        file.unlink()


def _run(tool: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(BIN / tool), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=COPY_TIMEOUT,
    )


FORBIDDEN_IMPORTS = (
    ("jalon/domain", "jalon.persistence.sessions", "Layers"),
    ("jalon/domain", "pydantic", "standard library only"),
    ("workflows", "jalon.persistence.sessions", "Workflows decide and touch nothing"),
    ("workflows", "httpx", "Workflows decide and touch nothing"),
    ("jalon/persistence", "workflows", "Layers"),
    ("jalon/policy", "jalon.persistence", "Layers"),
    ("jalon/inbox", "api", "Layers"),
    ("activities", "jalon.bootstrap", "Only the entry points compose"),
    ("api", "jalon.bootstrap", "Only the entry points compose"),
    ("jalon/client", "pydantic", "The client knows HTTP only"),
    ("jalon/integrations", "jalon.settings", "Settings are read by the composition root"),
    ("api", "jalon.local.machine", "Layers"),
    ("jalon/persistence/money", "jalon.persistence.inbox.receipts", "No circles"),
    ("jalon/persistence/inbox", "jalon.persistence.money.ledgers", "No circles"),
)
"""Forbidden imports, each with the contract that forbids it."""


def test_import_linter_sees_each_planted_violation(plant: Plant, copy: Path) -> None:
    """The tree itself passes: `make check` runs the linter on it."""
    for number, (package, module, _) in enumerate(FORBIDDEN_IMPORTS):
        plant(f"{package}/planted_{number}.py", f'"""Planted."""\n\nimport {module}\n')
    result = _run("lint-imports", "--no-cache", cwd=copy)
    assert result.returncode == 1, result.stdout
    for number, (package, _, contract) in enumerate(FORBIDDEN_IMPORTS):
        assert re.search(rf"{contract}.* BROKEN", result.stdout), result.stdout
        module = f"{package.replace('/', '.')}.planted_{number}"
        shown = ".money" if contract == "No circles" else f"{module} ->"
        assert shown in result.stdout, result.stdout


def test_ruff_sees_each_planted_fault(plant: Plant, copy: Path) -> None:
    """Calls that a replay would not repeat are forbidden in the domain and in workflows."""
    faults = {"jalon/domain/planted.py": ("import os\n", "F401")}
    for package in ("jalon/domain", "workflows"):
        faults[f"{package}/planted_random.py"] = ("import random\n", "TID251")
        faults[f"{package}/planted_now.py"] = (
            "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n",
            "TID251",
        )
    for path, (text, _) in faults.items():
        plant(path, text)
    result = _run("ruff", "check", "--no-cache", "--output-format=concise", *faults, cwd=copy)
    assert result.returncode == 1
    for path, (_, code) in faults.items():
        assert re.search(rf"{path}:\d+:\d+: {code} ", result.stdout), result.stdout


@pytest.mark.timeout(300)
def test_mypy_sees_each_planted_fault(plant: Plant, copy: Path) -> None:
    for path, (text, _) in MYPY_FAULTS.items():
        plant(path, text)
    if (ROOT / ".mypy_cache").exists():  # of `make check`: what is unchanged is not checked again
        shutil.copytree(ROOT / ".mypy_cache", copy / ".mypy_cache")
    result = _run("mypy", *MYPY_FAULTS, cwd=copy)
    assert result.returncode == 1
    for path, (_, said) in MYPY_FAULTS.items():
        assert re.search(rf"{path}:\d+: error: .*{said}", result.stdout), result.stdout


def test_deptry_sees_what_is_not_required_and_what_is_not_used(plant: Plant, copy: Path) -> None:
    plant("api/planted.py", "import mako\n")  # comes along with alembic
    plant("api/planted_tool.py", "import hypothesis\n")  # for development only
    project = copy / "pyproject.toml"
    kept = project.read_text()
    project.write_text(kept.replace('"uvloop",', '"uvloop", "python-multipart",'))
    result = _run("deptry", "--no-ansi", ".", cwd=copy)
    project.write_text(kept)
    assert result.returncode == 1
    assert "api/planted.py:1:8: DEP003" in result.stderr, result.stderr
    assert "api/planted_tool.py:1:8: DEP004" in result.stderr, result.stderr
    assert "DEP002 'python-multipart'" in result.stderr, result.stderr


def test_the_domain_imports_the_standard_library_and_itself_only() -> None:
    allowed = set(sys.stdlib_module_names) | {"jalon"}
    strangers = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in (ROOT / "jalon" / "domain").rglob("*.py")
        for name in _imported(file)
        if name not in allowed
    }
    assert strangers == set()


def test_everything_imported_is_a_dependency_by_name() -> None:
    own = {*PACKAGES, "tests", *(file.stem for file in ROOT.glob("*.py"))}
    imported = {name for file in _sources() for name in _imported(file)}
    provided = packages_distributions()
    strangers = {
        name
        for name in imported - own - set(sys.stdlib_module_names) - {"__future__"}
        if not _dependencies() & {_normal(distribution) for distribution in provided.get(name, ())}
    }
    assert strangers == set()


def test_every_program_starts_without_the_extra_of_the_local_machine() -> None:
    extra = {_normal(one) for one in _project()["optional-dependencies"]["local"]}
    taken_away = [
        name
        for name, by in packages_distributions().items()
        if {_normal(distribution) for distribution in by} <= extra
    ]
    assert taken_away
    script = f"import sys\nsys.modules.update(dict.fromkeys({taken_away}))\nimport api.app, jalon.cli.main, jalon.relay, worker"
    started = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert started.returncode == 0, started.stderr


def _project() -> dict[str, Any]:
    return cast(dict[str, Any], tomllib.loads((ROOT / "pyproject.toml").read_text())["project"])


def _dependencies() -> set[str]:
    project = _project()
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    return {_normal(re.split(r"[\[<>=~! ;]", one)[0]) for one in wanted}


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {file for file in _sources() if FORBIDDEN_NAMES & {file.stem, file.parent.name}}
    assert names == set()


def test_no_file_is_too_long_to_read_at_once() -> None:
    long = {str(file.relative_to(ROOT)) for file in _sources() if _lines(file) > MOST_LINES_OF_A_FILE}
    assert long == set()


def _lines(file: Path) -> int:
    return len(file.read_text().splitlines())


def test_the_lock_pins_every_dependency_by_hash_and_names_no_registry() -> None:
    text = (ROOT / "requirements.lock").read_text()
    pinned = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in pinned)
    assert not re.search(r"https?:|file:|--index|--find-links", text)
    names = {_normal(entry.partition("==")[0]) for entry in pinned}
    assert _dependencies() <= names


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_an_installation_puts_nothing_else_at_the_top_level(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    ignore = shutil.ignore_patterns("__pycache__", ".*", "tests", "docs", "build", "*.egg-info")
    shutil.copytree(ROOT, checkout, ignore=ignore)
    script = (
        f"from setuptools.build_meta import build_wheel\nbuild_wheel({str(tmp_path)!r})"  # as pip builds it
    )
    subprocess.run([sys.executable, "-c", script], cwd=checkout, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = {name.partition("/")[0].removesuffix(".py") for name in ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == TOP_LEVEL
