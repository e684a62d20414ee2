"""Errors whose text is for the person at the terminal."""

from __future__ import annotations


class Explained(Exception):
    """A fault that a person can repair. A program ends with its `text`, which names fault and remedy, without a traceback."""

    @property
    def text(self) -> str:
        """The lines for the terminal."""
        return str(self)
