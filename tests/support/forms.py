"""The fields of a page's form as a browser without scripts sends them: what is typed, chosen and ticked."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self


@dataclass
class Filled:
    """The fields of a form, with what they hold."""

    action: str = ""
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    longest: dict[str, int] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, html: str) -> Self:
        """The fields of the page's form of a step."""
        reader = _Reader(cls())
        reader.feed(html)
        return reader.filled  # type: ignore[return-value]


class _Reader(HTMLParser):
    def __init__(self, filled: Filled) -> None:
        super().__init__()
        self.filled = filled
        self._inside = False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("class") == "step"
            self.filled.action = given["action"] if self._inside else self.filled.action
        if not self._inside or tag not in ("input", "select", "textarea", "option"):
            return
        if tag == "option":
            if "selected" in given:
                self.filled.values[self._select] = given["value"]
            return
        self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name = given["name"]
        self.filled.names.add(name)
        if "maxlength" in given:
            self.filled.longest[name] = int(given["maxlength"])
        if "aria-invalid" in given:
            self.filled.wrong.add(name)
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self.filled.values[name] = ""
        elif given.get("type") not in ("radio", "checkbox") or "checked" in given:
            self.filled.values[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.filled.values[self._area] = self.filled.values[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "form":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._area:
            self.filled.values[self._area] += data
