"""What is wrong with a request, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.error_codes import Code, read_code


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a request, with its way out.

    `code` is stable and meant for programs; read from JSON it becomes its member. `message` names the field, the rule and
    the way out in English; `pointer` is a JSON pointer into the request body ("" for the whole); `rule` is a rule id or None.
    """

    code: Code
    message: str
    pointer: str = ""
    rule: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", read_code(self.code))
