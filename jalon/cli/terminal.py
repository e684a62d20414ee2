"""What commands print: tables and drawings for people, JSON for scripts, at any width and into a pipe.

A pipe gets no colour, no trailing blanks and one line a row, since it has no width; COLUMNS gives it one.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any, TypeAlias

import typer
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

Cell: TypeAlias = str | Text

PIPE = 10_000
"""The width of a pipe: no row is longer."""
GAP = "  "
NARROWEST = 20


def print_json(value: Any) -> None:
    """Prints one JSON value."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_out(*shown: RenderableType) -> None:
    """Prints to the standard output. Only a terminal gets colours."""
    if sys.stdout.isatty():
        Console(highlight=False).print(*shown, sep="\n")
        return
    text = StringIO()
    console = Console(file=text, width=width(), highlight=False, force_terminal=False, color_system=None)
    console.print(*shown, sep="\n", crop=False)
    typer.echo("\n".join(line.rstrip() for line in text.getvalue().splitlines()))


def width() -> int:
    """The columns of the standard output."""
    if sys.stdout.isatty():
        return Console().width
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdecimal() and int(given) > 0 else PIPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Rows of cells under their names, which are never cut.

    Where a row is wider than the terminal, its first `keep` cells stay on a line and the others follow below, each by its name.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    keep: int
    right: frozenset[str] = frozenset()

    def lines(self, columns: int) -> Iterator[RenderableType]:
        """The lines at a width of so many columns. A column in which nothing stands is left out before a row is broken."""
        if self._width > columns and (empty := self._empty()):
            yield from self._without(empty).lines(columns)
            return
        sizes, shown = self._sizes(), len(self.columns) if self._width <= columns else self.keep
        yield self._line([Text(name, "dim") for name in self.columns[:shown]], sizes)
        for row in self.rows:
            yield self._line(row[:shown], sizes)
            if rest := list(self._named(row, shown)):
                yield Hanging(Text(GAP), Text(" · ").join(rest))

    @property
    def _width(self) -> int:
        return sum(self._sizes()) + len(GAP) * (len(self.columns) - 1)

    def _sizes(self) -> list[int]:
        return [
            max(len(name), *(_length(row[at]) for row in self.rows)) if self.rows else len(name)
            for at, name in enumerate(self.columns)
        ]

    def _empty(self) -> frozenset[int]:
        """The places of the columns that hold nothing, of those that need not stay."""
        others = range(self.keep, len(self.columns))
        return frozenset(at for at in others if not any(_length(row[at]) for row in self.rows))

    def _without(self, places: frozenset[int]) -> Listing:
        left = [at for at in range(len(self.columns)) if at not in places]
        rows = [[row[at] for at in left] for row in self.rows]
        return replace(self, columns=[self.columns[at] for at in left], rows=rows)

    def _line(self, cells: Sequence[Cell], sizes: Sequence[int]) -> Text:
        line = Text(GAP).join(
            self._aligned(cell, size, name)
            for cell, size, name in zip(cells, sizes, self.columns, strict=False)
        )
        line.rstrip()
        line.no_wrap, line.overflow = True, "ignore"
        return line

    def _aligned(self, cell: Cell, size: int, name: str) -> Text:
        text = Text(cell) if isinstance(cell, str) else cell.copy()
        blanks = size - text.cell_len
        if name in self.right:
            text.pad_left(blanks)
        else:
            text.pad_right(blanks)
        return text

    def _named(self, row: Sequence[Cell], shown: int) -> Iterator[Text]:
        for name, cell in zip(self.columns[shown:], row[shown:], strict=True):
            if _length(cell):
                yield Text(f"{name} ", "dim").append_text(Text("") + cell)


def print_listing(listing: Listing, nothing: str) -> None:
    """Prints the rows, or the sentence that there are none."""
    if not listing.rows:
        typer.echo(nothing)
        return
    print_out(*listing.lines(width()))


def facts(pairs: Iterable[tuple[str, Cell | None]]) -> Iterator[RenderableType]:
    """A line for each fact with its name before it; facts that are not known are left out. Long ones go on under themselves."""
    known = [(name, cell) for name, cell in pairs if cell is not None and _length(cell)]
    size = max((len(name) for name, _ in known), default=0)
    for name, cell in known:
        yield Hanging(Text(name.ljust(size) + GAP, "dim"), Text("") + cell)


@dataclass(frozen=True, slots=True)
class Hanging:
    """A text after its head; the lines after the first begin where the first one does."""

    head: Text
    text: Text

    def __rich_console__(self, console: Console, options: Any) -> Iterator[Text]:
        indent = self.head.cell_len
        for number, line in enumerate(_wrapped(self.text, max(options.max_width - indent, NARROWEST))):
            line.rstrip()
            whole = (self.head if number == 0 else Text(" " * indent)) + line
            whole.no_wrap, whole.overflow = True, "ignore"
            yield whole


def _wrapped(text: Text, room: int) -> Iterator[Text]:
    """The lines of a text, broken between words alone: an id or a path that is longer than a line stays whole."""
    for line in text.split("\n", allow_blank=True):
        breaks, used = [], 0
        for word in re.finditer(r"\S+\s*", line.plain):
            size = cell_len(word[0].rstrip())
            if used and used + size > room:
                breaks.append(word.start())
                used = 0
            used += cell_len(word[0])
        yield from line.divide(breaks)


def _length(cell: Cell) -> int:
    return Text(cell).cell_len if isinstance(cell, str) else cell.cell_len
