"""The place of a TOML error in a store file, with the line as written and a hint for its author."""

from __future__ import annotations

import re
import tomllib

from jalon.policy.authoring.faults import Fault

_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_SHOWN = 60
_CURLY = re.compile("[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]")
_HINTS = (
    ("Illegal character '\\n'", "a text ends on its line: add the closing quote"),
    ("Illegal character", "a control character: write it as \\u and four digits, or leave it out"),
    ("Unterminated string", 'a text over several lines ends with """'),
    ("Invalid value", "put a text in quotes; numbers, true, false and dates have none"),
    ("Expected '='", "a line is `key = value`; a key with blanks is in quotes"),
    ("Cannot overwrite", "write each key once in its table"),
    ("Cannot declare", "write each table once; [[name]] adds one more to a list of tables"),
    ("Cannot mutate", "write each key once in its table"),
    ("Unclosed array", "put commas between the values, and ] after the last"),
    ("Unclosed inline table", "put commas between the keys, and } after the last"),
    ("Expected ']", "close the brackets of the table's name"),
    ("Expected newline", "write one key a line; a date is 2026-01-31; a number has no leading zero"),
    ("Unescaped '\\'", "write a backslash twice, or put the text in single quotes"),
    ("Invalid initial character", "write an inline table { } on one line"),
    ("Invalid statement", "a key has letters, digits, - and _; others are in quotes"),
)


def syntax_fault(path: str, text: str, error: tomllib.TOMLDecodeError) -> Fault:
    """The error as a fault of the file: its line from 1, the column, the line as written, and the way out."""
    message = str(error)
    at = _PLACE.search(message)
    lines = text.splitlines() or [""]
    line = min(int(at[1]), len(lines)) if at else len(lines)
    column = f" at column {at[2]}" if at else ""
    written = lines[line - 1].strip()
    if len(written) > _SHOWN:
        written = f"{written[:_SHOWN]}…"
    said = _PLACE.sub("", message)
    return Fault(line, "", f"is not TOML{column}, in `{written}`: {said}{_hint(said, written)}", path)


def _hint(said: str, written: str) -> str:
    if _CURLY.search(written) and said.startswith("Invalid"):
        return '; write straight quotes: "'
    return next((f"; {hint}" for start, hint in _HINTS if said.startswith(start)), "")
