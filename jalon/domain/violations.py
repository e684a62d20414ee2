"""The violations of a request, as values."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.error_codes import Code, read_code


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of a request, with its remedy.

    `code` is stable and for programs; a code read from JSON becomes its enum member. `message` names the field, the rule
    and the remedy in English. `pointer` is a JSON pointer into the request body ("" for the whole); `rule` is a rule id or
    None.
    """

    code: Code
    message: str
    pointer: str = ""
    rule: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", read_code(self.code))
