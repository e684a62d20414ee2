"""The tables of `docs/events.md`, made from the event classes.

`python -m api.reference.events < docs/events.md` prints the page with new tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields
from types import ModuleType

from jalon.domain.events import (
    EVENTS,
    Absent,
    Event,
    operations,
    orders,
    payments,
    renewals,
    seats,
    subscriptions,
)

BEGINS = "<!-- events: made by python -m api.reference.events -->"
ENDS = "<!-- end of events -->"

_SECTIONS: dict[str, ModuleType] = {
    "Orders": orders,
    "Subscriptions": subscriptions,
    "Renewals": renewals,
    "Users and administration": seats,
    "Payments": payments,
    "Operations": operations,
}
_HEAD = "| event | what happened | data | public | rule |\n|---|---|---|---|---|"
_KINDS = {
    "str": "text",
    "int": "number",
    "datetime": "instant",
    "Money": "money",
    "tuple[str, ...]": "texts",
    "tuple[int, ...]": "numbers",
    "dict[str, Any]": "object",
    "None": "null",
}
"""The JSON name of a field's type."""


def event_tables() -> str:
    """Every kind of event under a heading, with a row for each event, in Markdown."""
    parts = (
        f"## {heading}\n\n{_first_line(module)}\n\n{_HEAD}\n" + "\n".join(_rows(module))
        for heading, module in _SECTIONS.items()
    )
    return "\n\n".join(parts) + "\n"


def _first_line(told_by: ModuleType | type[Event]) -> str:
    return (told_by.__doc__ or "").splitlines()[0]


def _rows(module: ModuleType) -> Iterator[str]:
    for name, kind in EVENTS.items():
        if kind.__module__ == module.__name__:
            public = "yes" if kind.public else "no"
            data = ", ".join(_data(kind))
            yield f"| `{name}` | {_first_line(kind)} | {data} | {public} | {kind.rule or ''} |"


def _data(kind: type[Event]) -> Iterator[str]:
    absent, staff_only = Absent.__name__, kind.staff_only()
    for field in fields(kind):
        kinds = [part.strip() for part in str(field.type).split("|")]
        shown = " or ".join(_KINDS[each] for each in kinds if each != absent)
        notes = [
            shown,
            *(["optional"] if absent in kinds else []),
            *(["staff"] if field.name in staff_only else []),
        ]
        yield f"`{field.name}` ({', '.join(notes)})"


def in_page(page: str) -> str:
    """The text of `docs/events.md` with new tables between its two marks."""
    before, _, rest = page.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n\n{event_tables()}\n{ENDS}{after}"


if __name__ == "__main__":
    sys.stdout.write(in_page(sys.stdin.read()))
