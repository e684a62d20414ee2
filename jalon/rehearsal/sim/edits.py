"""Edits of source files that plant faults."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: `former` stands exactly once in `file` and is replaced by `now`."""

    file: str
    former: str
    now: str

    def apply(self, source: str) -> str:
        """The source with the fault. Raises LookupError where `former` is not found, or found more than once."""
        times = source.count(self.former)
        if times != 1:
            raise LookupError(f"{self.file} holds this {times} times, not once: {self.former!r}")
        return source.replace(self.former, self.now)

    @property
    def module(self) -> str:
        """The name under which the file is imported."""
        return self.file.removesuffix(".py").replace("/", ".")
