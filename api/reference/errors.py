"""The tables of `docs/errors.md`, made from the table of error codes.

`python -m api.reference.errors < docs/errors.md` prints the page with new tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from jalon.domain.error_codes import AREAS, ErrorCode, ErrorDescription

BEGINS = "<!-- codes: made by python -m api.reference.errors -->"
ENDS = "<!-- end of codes -->"

_HEAD = "| code | status | rule | what is wrong | what to do now |\n|---|---|---|---|---|"


def code_tables() -> str:
    """Every area as a heading and a table of its codes, in Markdown."""
    return "\n\n".join(f"## {area}\n\n{_HEAD}\n" + "\n".join(_rows(codes)) for area, codes in AREAS.items())


def _rows(codes: dict[ErrorCode, ErrorDescription]) -> Iterator[str]:
    for code, described in codes.items():
        statuses = ", ".join(str(status) for status in described.statuses)
        yield (
            f"| `{code}` | {statuses} | {described.rule or ''} "
            f"| **{described.title}.** {described.cause} | {described.way_out} |"
        )


def in_page(page: str) -> str:
    """The text of `docs/errors.md` with new tables between its two marks."""
    before, _, rest = page.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n\n{code_tables()}\n\n{ENDS}{after}"


if __name__ == "__main__":
    sys.stdout.write(in_page(sys.stdin.read()))
