"""The moves between statuses on `docs/lifecycle.md` and their drawing, made from the rows of the kinds.

`python -m api.reference.moves < docs/lifecycle.md` prints the page with a new table; with `--svg` it prints `docs/moves.svg`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from jalon.domain.kinds import KINDS, Kind

BEGINS = "<!-- moves: made by python -m api.reference.moves -->"
ENDS = "<!-- end of moves -->"

WIDTH, BAND, TOP, LEFT, GAP = 900, 34, 56, 64, 450
RED, WHITE, INK, GREY = "#c8102e", "#ffffff", "#1c1c1e", "#6b6b70"


def moves_table() -> str:
    """A row for each status that is recorded, with those that may follow it, in Markdown."""
    rows = [
        f"| {kind.name} `{status}` | {', '.join(f'`{each}`' for each in following) or '–'} |"
        for kind in KINDS
        for status, following in _recorded(kind)
    ]
    return "\n".join(["| from | to |", "|---|---|", *rows]) + "\n"


def _recorded(kind: Kind[Any]) -> Iterator[tuple[str, list[str]]]:
    """Each status except the first, which is never recorded, with its followers in the order of the row."""
    for status in list(kind.moves)[1:]:
        yield status, [each for each in kind.moves if each in kind.moves[status]]


def in_page(page: str) -> str:
    """The page with a new table between its marks."""
    before, _, rest = page.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n{moves_table()}{ENDS}{after}"


def drawing() -> str:
    """A drawing with one pole for each kind: a band for each status that has followers, and the followers beside it.

    Final statuses are open circles.
    """
    poles = [list(_pole(kind, LEFT + number * GAP)) for number, kind in enumerate(KINDS)]
    height = TOP + BAND * max(len(kind.moves) for kind in KINDS)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        'aria-labelledby="t" font-family="system-ui, -apple-system, Segoe UI, Roboto, sans-serif">\n'
        '<title id="t">Which status may follow which</title>\n'
        f'<rect width="{WIDTH}" height="{height}" fill="{WHITE}"/>'
    )
    return "\n".join([head, *(line for pole in poles for line in pole), "</svg>\n"])


def _pole(kind: Kind[Any], left: int) -> Iterator[str]:
    yield _text(left, TOP - 22, f"The {kind.name}", 15, INK, bold=True)
    for number, (status, following) in enumerate(_recorded(kind)):
        top = TOP + number * BAND
        if following:
            yield f'<rect x="{left}" y="{top}" width="14" height="{BAND}" fill="{WHITE if number % 2 else RED}" stroke="{INK}"/>'
        else:
            yield f'<circle cx="{left + 7}" cy="{top + 17}" r="5" fill="none" stroke="{GREY}" stroke-width="1.5"/>'
        yield _text(left + 30, top + 22, status, 14, INK if following else GREY)
        if following:
            yield _text(left + 180, top + 22, f"→ {', '.join(following)}", 12, GREY)


def _text(x: int, y: int, words: str, size: int, fill: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}"{weight} fill="{fill}">{words}</text>'


if __name__ == "__main__":
    sys.stdout.write(drawing() if "--svg" in sys.argv else in_page(sys.stdin.read()))
