"""One version number: that of pyproject.toml, on the command line and in the API's description."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NoReturn

import pytest
from typer.testing import CliRunner

from api.app import build
from api.web.hosted.pages import Pages
from jalon.cli.main import app

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def test_the_command_line_says_the_version(version: str) -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.output) == (0, f"jalon {version}\n")


def test_the_api_describes_itself_under_the_version(version: str) -> None:
    def never_opened() -> NoReturn:
        raise AssertionError

    described = build(never_opened, Pages(ROOT / "templates")).openapi()
    assert described["info"]["version"] == version
