"""Edits of source files, by which faults are planted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One place: in `file`, `former` stands exactly once and becomes `now`."""

    file: str
    former: str
    now: str

    def apply(self, source: str) -> str:
        """The source with the fault. Raises LookupError where the place is not to be found, or more than once."""
        times = source.count(self.former)
        if times != 1:
            raise LookupError(f"{self.file} holds this {times} times, not once: {self.former!r}")
        return source.replace(self.former, self.now)

    @property
    def module(self) -> str:
        """The name that the file is imported by."""
        return self.file.removesuffix(".py").replace("/", ".")
