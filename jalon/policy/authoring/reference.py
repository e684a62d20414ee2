"""Makes the key table of `stores/README.md` from the model.

`python -m jalon.policy.authoring.reference < stores/README.md` prints the page with a new key table.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator

from jalon.policy.authoring.loader import DEFAULTS
from jalon.policy.authoring.merging import Table, table_in
from jalon.policy.model.catalog import Document, Product
from jalon.policy.model.dated import Destination
from jalon.policy.model.keys import Section, is_store_wide
from jalon.policy.model.sections import (
    RULE_SECTIONS,
    Audience,
    CartRule,
    Routes,
    Store,
    VendorIdentity,
)

BEGINS = "<!-- keys: made by python -m jalon.policy.authoring.reference -->"
ENDS = "<!-- end of keys -->"

_HEAD = "| key | default | per product and term | meaning |\n|---|---|---|---|"


def key_table() -> str:
    """Every section as a heading and a table of its keys, in Markdown."""
    defaults = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))
    parts: list[str] = []
    for heading, section, values in _sections(defaults):
        parts.append(
            f"### `{heading}`\n\n{_first_line(section)}\n\n{_HEAD}\n" + "\n".join(_rows(section, values))
        )
    return "\n\n".join(parts) + "\n"


def _sections(defaults: Table) -> Iterator[tuple[str, type[Section], Table]]:
    yield "[store]", Store, table_in(defaults, "store")
    yield "[store.vendor]", VendorIdentity, {}
    yield "[routes]", Routes, {}
    yield "[audiences.NAME]", Audience, {}
    for name, section in RULE_SECTIONS.items():
        yield f"[{name}]", section, table_in(defaults, name)
        if name == "cart":
            yield "[[cart.rules]]", CartRule, {}
        if name == "export":
            yield "[[export.destinations]]", Destination, {}
    yield "[[products]]", Product, table_in(defaults, "every_product")
    yield "[[documents]]", Document, {}


def _first_line(section: type[Section]) -> str:
    return (section.__doc__ or "").splitlines()[0]


def _rows(section: type[Section], defaults: Table) -> Iterator[str]:
    refinable = section in RULE_SECTIONS.values()
    for name, field in section.model_fields.items():
        default = _shown(name, defaults) if not field.is_required() or name in defaults else "required"
        refined = "yes" if refinable and not is_store_wide(section, name) else ""
        meaning = (field.description or "").replace("|", "\\|")
        yield f"| `{name}` | {default} | {refined} | {meaning} |"


def _shown(name: str, defaults: Table) -> str:
    if name not in defaults:
        return ""
    value = defaults[name]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "see `jalon/policy/authoring/defaults.toml`"
    return f"`{_toml(value)}`"


def _toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def in_readme(readme: str) -> str:
    """The text of `stores/README.md` with a new key table between its two marks."""
    before, _, rest = readme.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n\n{key_table()}\n{ENDS}{after}"


if __name__ == "__main__":
    sys.stdout.write(in_readme(sys.stdin.read()))
