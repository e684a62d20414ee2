"""The stores of the simulator: the four examples and two of its own, each in several versions of its file."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from jalon.policy.authoring.loader import load_store
from jalon.policy.model.store_policy import StorePolicy

ROOT = Path(__file__).parents[3]
FOLDERS = (ROOT / "stores", Path(__file__).with_name("stores"))

OTHER_WINDOWS = {"P90D": "P95D", "P7D": "P5D", "PT72H": "PT96H", "P14D": "P20D"}

_PRICE = re.compile(r'"(\d+)\.(\d\d)"')


def _prices(factor: int) -> Callable[[str], str]:
    def changed(text: str) -> str:
        return _PRICE.sub(lambda found: f'"{int(found[1]) * factor // 100 + 1}.{found[2]}"', text)

    return changed


def _other_windows(text: str) -> str:
    """The text with other windows for orders placed from now on."""
    for former, now in OTHER_WINDOWS.items():
        for name in ("window", "period"):
            text = text.replace(f'{name} = "{former}"', f'{name} = "{now}"')
    return text


def _withdrawn(text: str) -> str:
    """The text of a store that no longer sells anything online."""
    silent = re.sub(r"(?m)^sold_online = .*$", "", text)
    return re.sub(r"(?m)^(sku = .*)$", r"\1\nsold_online = false", silent)


VERSIONS: Mapping[str, Callable[[str], str]] = {
    "as written": lambda text: text,
    "dearer": _prices(115),
    "cheaper": _prices(80),
    "other windows": _other_windows,
    "withdrawn": _withdrawn,
}
"""The edits of a store's file during a life, by name."""


FEWER_SEATS = ", fewer seats"
"""With this after its name, a version whose units carry one user each, where the store's file says more (X25)."""
_SEATS = re.compile(r"(?m)^seats_per_unit = \d+$")


@cache
def stores() -> dict[str, dict[str, StorePolicy]]:
    """Every store's versions by name, read by the product's own loader."""
    read: dict[str, dict[str, StorePolicy]] = {}
    with tempfile.TemporaryDirectory(prefix="jalon-sim-") as folder:
        for file in sorted(file for each in FOLDERS for file in each.glob("*.toml")):
            text = file.read_text(encoding="utf-8")
            for version, edit in VERSIONS.items():
                edited = Path(folder) / f"{file.stem}.toml"
                edited.write_text(edit(text), encoding="utf-8")
                read.setdefault(file.stem, {})[version] = load_store(edited)
                if _SEATS.search(text):
                    edited.write_text(_SEATS.sub("seats_per_unit = 1", edit(text)), encoding="utf-8")
                    read[file.stem][version + FEWER_SEATS] = load_store(edited)
    return read
