"""`jalon doctor`: whether Jalon is well where it runs, and what it lacks where it does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import RenderableType
from rich.text import Text

from jalon.cli.connection import LOCAL_FOLDER, ApiOption, DataOption, JsonOption, KeyOption
from jalon.cli.grouping import single
from jalon.cli.terminal import Hanging, print_json, print_out, width
from jalon.local.folder import MachineFolder

if TYPE_CHECKING:
    from jalon.cli.checks.finding import Finding

AT_ONCE = 8
"""How many looks are taken at once, so that what does not answer is waited for once and not in turn."""


def doctor(
    api: ApiOption = None, key: KeyOption = None, data: DataOption = LOCAL_FOLDER, as_json: JsonOption = False
) -> None:
    """Say what is wrong, and what to do.

    It looks at the machine in --data, at the API of --api, at what the JALON_ variables name, and at this computer. Ends with 0 only
    where nothing needs to be done.
    """
    with ThreadPoolExecutor(AT_ONCE) as together:
        taken = [together.submit(look) for look in _looks(MachineFolder(data), api, key)]
        found = [each for look in taken for each in look.result()]
    sound = all(each.ok for each in found)
    if as_json:
        print_json({"ok": sound, "checks": [{"ok": each.ok} | asdict(each) for each in found]})
    else:
        print_out(*_lines(found))
    if not sound:
        raise typer.Exit(1)


def _looks(
    folder: MachineFolder, api: str | None, key: str | None
) -> Iterator[Callable[[], Sequence[Finding]]]:
    # The checks load the engines, which completing a command line does not wait for.
    from jalon.cli.checks import computer, running, settings  # noqa: PLC0415

    elsewhere = api is not None or "JALON_DATABASE_URL" in os.environ
    if folder.runs:
        yield from running.of_a_running_machine(folder)
    elif not elsewhere:
        yield lambda: list(computer.of_a_stopped_machine(folder))
    if api is not None:
        way_out = f"see whether the API runs at {api}"
        yield lambda: list(running.of_the_api(api.rstrip("/"), key, way_out))
    yield from settings.of_the_settings()
    yield lambda: list(computer.of_this_computer(folder.path))


def _lines(found: Sequence[Finding]) -> Iterator[RenderableType]:
    """A line for each check. Where it is wider than the terminal the way out stands below it; a path or an id stays whole."""
    room, columns = max(len(each.subject) for each in found), width()
    for each in found:
        mark = Text("ok", "green") if each.ok else Text("!!", "red")
        head = Text("  ").join((mark, Text(each.subject.ljust(room)), Text("")))
        way_out = Text("" if each.ok else f"→ {each.way_out}", "bold")
        fact = Text(each.fact)
        if head.cell_len + fact.cell_len + 1 + way_out.cell_len <= columns:
            yield Hanging(head, Text(" ").join(filter(None, (fact, way_out))))
            continue
        yield Hanging(head, fact)
        if not each.ok:
            yield Hanging(Text(" " * head.cell_len), way_out)


app = single(doctor)
