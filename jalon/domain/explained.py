"""Errors whose text is for the person at the terminal."""

from __future__ import annotations


class Explained(Exception):
    """Something that a person can put right. A program ends with its `text`, which says what and how, and no traceback."""

    @property
    def text(self) -> str:
        """The lines for the terminal."""
        return str(self)
