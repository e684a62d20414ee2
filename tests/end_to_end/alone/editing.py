"""Files of stores that change while Jalon runs."""

from __future__ import annotations

from collections.abc import Sequence

from jalon.local.machine import OWN, Machine
from tests.support.shop import Shop


def edit(machine: Machine, *edits: tuple[Shop, Sequence[tuple[str, str]]]) -> None:
    """Changes the files of these stores and restarts every process that reads them, one by one."""
    for shop, changes in edits:
        file = machine.stores_dir / f"{shop.id}.toml"
        text = file.read_text()
        for former, new in changes:
            assert former in text
            text = text.replace(former, new)
        file.write_text(text)
    for program in OWN:
        others = {name: pid for name, pid in machine.pids.items() if name != program}
        machine.stop(program)
        assert machine.pids == others
        machine.start(program)
        assert {**machine.pids, program: 0} == {**others, program: 0}
