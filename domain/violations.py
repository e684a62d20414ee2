"""What is wrong with a request, as a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a request, with its way out.

    `code` is stable and meant for programs; `message` names the field, the rule and the way out in English;
    `pointer` is a JSON pointer into the request body ("" for the whole); `rule` is a rule id or None.
    """

    code: str
    message: str
    pointer: str = ""
    rule: str | None = None
