"""Bodies of requests by support."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from api.fields import Body, example, without_card


def _read_note(text: str) -> str:
    """The note without outer blanks. Raises ValueError for one without a letter, and for control characters."""
    kept = text.strip()
    if not kept:
        raise ValueError("is empty")
    if any(not (char.isprintable() or char in "\n\t") for char in kept.replace("\r\n", "\n")):
        raise ValueError("holds control characters")
    return kept.replace("\r\n", "\n")


NoteText = Annotated[
    str, Field(min_length=1, max_length=4000), AfterValidator(_read_note), AfterValidator(without_card)
]
"""A text of several lines, without the number of a card."""


class WriteNote(Body):
    """A note about an order or a subscription, for staff. It is never changed, and goes with the person whom it is about."""

    model_config = example(text="Called: the customer signs tomorrow, from another computer.")

    text: NoteText
