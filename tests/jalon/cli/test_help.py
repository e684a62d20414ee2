"""The help of every command is of one style, and shells complete commands quickly."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from jalon.cli.main import COMMANDS, PROGRAMS, Unloaded, app
from tests.jalon.cli.conftest import ROOT, Jalon


def lines_of_commands() -> Iterator[tuple[str, ...]]:
    """Every command and group as the words that call it."""
    yield ()
    for name, place in COMMANDS.items():
        yield (name,)
        command: Any = Unloaded(name, place).load()
        for sub in getattr(command, "commands", ()):
            yield name, sub
    yield from ((name,) for name in PROGRAMS)


def test_help_is_of_one_style_at_80_columns(jalon: Jalon, program: Jalon) -> None:
    for words in lines_of_commands():
        # The simulation begins by executing itself again.
        result = (program if words == ("sim",) else jalon)(*words, "--help", COLUMNS="80")
        assert result.returncode == 0, result.stderr
        lines = result.stdout.splitlines()
        assert lines[0].startswith(" ".join(("Usage: jalon", *words)))
        assert re.search(r"  --help +Show this message and exit\.", result.stdout)
        table = lines if words != ("faults",) else lines[: lines.index("Options:") + 5]
        assert [line for line in table if len(line) > 80 or line != line.rstrip()] == [], words
        assert re.findall(r"<\w+>|\{\w|\.\.\.\w|[a-z]\.\.\.$|[╭│]", result.stdout) == [], words


def test_each_option_has_its_help_and_a_word_for_its_value() -> None:
    group: Any = get_command(app)
    pending = [Unloaded(name, place).load() for name, place in COMMANDS.items()] + [group]
    while pending:
        command = pending.pop()
        pending += getattr(command, "commands", {}).values() if command is not group else []
        for param in command.params:
            told = param.help and (getattr(param, "is_flag", False) or param.metavar)
            assert told, (command.name, param.name)


HEAVY = {"httpx", "sqlalchemy", "temporalio", "psycopg", "fastapi"}
QUICK = (
    "import sys\n"
    "from jalon.cli import main\n"
    "sys.argv = ['jalon', *sys.argv[1:]]\n"
    "try: main.main()\n"
    "except SystemExit: pass\n"
    f"sys.exit(' '.join({HEAVY} & {{*sys.modules}}) or 0)"
)


@pytest.mark.parametrize(
    ("arguments", "completing"),
    [
        (["--help"], None),
        (["--version"], None),
        ([], "jalon "),
        ([], "jalon orders "),
        ([], "jalon doctor --"),
        ([], "jalon repairs "),
    ],
)
def test_help_and_completion_load_nothing_heavy(arguments: list[str], completing: str | None) -> None:
    """Loading the client takes as long as ten completions, loading the engines a hundred."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if completing is not None:
        environment |= {"_JALON_COMPLETE": "complete_bash", "COMP_WORDS": completing, "COMP_CWORD": "2"}
    told = subprocess.run(
        [sys.executable, "-c", QUICK, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("jalon or", ["orders"]),
        ("jalon orders ", ["find", "show", "stuck", "park", "retry", "skip", "compensate"]),
        ("jalon orders retry --re", ["--reason"]),
        ("jalon completion ", ["bash", "zsh", "fish"]),
    ],
)
def test_bash_completes(tmp_path: Path, jalon: Jalon, line: str, expected: list[str]) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    script = tmp_path / "jalon.bash"
    script.write_text(jalon("completion", "bash").stdout)
    command = tmp_path / "jalon"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m jalon.cli.main "$@"\n')
    command.chmod(0o755)
    words = line.split(" ")
    ask = (
        f"source {script}; COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; "
        '_jalon_completion jalon; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    told = subprocess.run(
        [bash, "--norc", "-c", ask],
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == expected, told.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_are_answered(jalon: Jalon, shell: str) -> None:
    assert "_JALON_COMPLETE" in jalon("completion", shell).stdout
    asked = {
        "_JALON_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "jalon orders s",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    told = jalon(**asked)
    assert all(name in told.stdout for name in ("show", "stuck", "skip")), told.stderr
    assert "retry" not in told.stdout
