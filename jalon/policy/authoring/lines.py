"""The line of each key of a TOML text. `tomllib` reads values but gives no lines."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from functools import cached_property

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_QUOTED_KEY = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_TEXT = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")


class LineIndex:
    """Lines, from 1, of the keys and array items of a text that `tomllib` has accepted. The index is built on first use."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> dict[Path, int]:
        lines: dict[Path, int] = {(): 1}
        _Reader(self._text, lines).read()
        return lines

    def exact(self, path: Path) -> int | None:
        """The line of a key or array item, or None where the text does not write it."""
        return self._lines.get(path)

    def nearest(self, path: Path) -> int:
        """The line of a key, or of the innermost table around it that the text writes."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]


class _Reader:
    def __init__(self, text: str, lines: dict[Path, int]) -> None:
        self.text = text
        self.at = 0
        self.lines = lines
        self.breaks = [i for i, letter in enumerate(text) if letter == "\n"]
        self.items: dict[Path, int] = {}

    def read(self) -> None:
        table: Path = ()
        self._skip_blank()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip_blank()

    def _header(self) -> Path:
        line, many = self._line(), self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        *around, last = self._key()
        path = (*self._inside((), around), last)
        if many:
            self.lines.setdefault(path, line)
            self.items[path] = self.items.get(path, -1) + 1
            path = (*path, self.items[path])
        self._note(path, line)
        self.lines[path] = line
        self._skip_blank()
        self.at += 2 if many else 1
        return path

    def _inside(self, path: Path, names: list[str]) -> Path:
        for name in names:
            path = (*path, name)
            if path in self.items:
                path = (*path, self.items[path])
        return path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table + tuple(self._key())
        self._note(path, line)
        self._skip_blank()
        self.at += 1
        self._skip_blank()
        self._value(path)

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip_blank()
            names.append(self._name())
            dot = _DOT.match(self.text, self.at)
            if dot is None:
                return names
            self.at = dot.end()

    def _name(self) -> str:
        bare = _BARE_KEY.match(self.text, self.at)
        if bare is not None:
            self.at = bare.end()
            return bare[0]
        quoted = self._take(_QUOTED_KEY)
        return str(tomllib.loads(f"key = {quoted}")["key"])

    def _value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        elif opening in "\"'":
            self._take(_TEXT)
        else:
            self._take(_BARE_VALUE)

    def _array(self, path: Path) -> None:
        self.at += 1
        item = 0
        while not self._closed_by("]"):
            self._note((*path, item), self._line())
            self._value((*path, item))
            item += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while not self._closed_by("}"):
            self._pair(path)

    def _closed_by(self, bracket: str) -> bool:
        self._skip_blank()
        if self.text[self.at] == ",":
            self.at += 1
            self._skip_blank()
        if self.text[self.at] != bracket:
            return False
        self.at += 1
        return True

    def _note(self, path: Path, line: int) -> None:
        for depth in range(1, len(path) + 1):
            self.lines.setdefault(path[:depth], line)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"line {self._line()} is not TOML")
        self.at = found.end()
        return found[0]

    def _skip_blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _line(self) -> int:
        return bisect_right(self.breaks, self.at - 1) + 1
