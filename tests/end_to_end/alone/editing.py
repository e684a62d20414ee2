"""The file of a store that changes while Jalon runs."""

from __future__ import annotations

from jalon.local.machine import OWN, Machine
from tests.support.shop import Shop


def edit(machine: Machine, shop: Shop, *changes: tuple[str, str]) -> None:
    """Changes the store's file and restarts every process that reads it, one by one."""
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
