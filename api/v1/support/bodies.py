"""Bodies of requests by support."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from api.fields import Body, Code, EmailAddress, Form, LanguageCode, Name, Reason, example, without_card
from jalon.domain.due import Due


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


class SendAgain(Body):
    """Sends an e-mail once more."""

    model_config = example(reason="The customer says that nothing came.")

    reason: Reason


def _read_day(text: str) -> str:
    """A day as it was written. Raises ValueError for what is none."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("is a day, as in 2026-04-30") from None
    return text


def _read_due(text: str) -> str:
    """The name of an entry of an agenda. Raises ValueError for any other."""
    if text not in set(Due):
        raise ValueError("is the name of an entry of the agenda, such as activation_window")
    return text


Day = Annotated[str, Form(r"\d{4}-\d{2}-\d{2}", "is a day, as in 2026-04-30"), AfterValidator(_read_day)]
DueName = Annotated[
    str, Field(json_schema_extra={"enum": [str(each) for each in Due]}), AfterValidator(_read_due)
]


class Extend(Body):
    """Moves a deadline to a later day: to the end of the day `until`, or `by` so many days. A request contains one of the two.

    `subject` is that of the agenda's entry, where there are several of one kind.
    """

    model_config = example(what="activation_window", by=14, reason="The signer is abroad until the 10th.")

    what: DueName
    until: Day | None = None
    by: Annotated[int, Field(ge=1, le=92, description="Days.")] | None = None
    subject: Code | None = None
    reason: Reason

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.until is None) == (self.by is None):
            raise ValueError("say either `until` or `by`")
        return self

    @property
    def day(self) -> date | None:
        """The last open day that is named, None where days are added."""
        return None if self.until is None else date.fromisoformat(self.until)

    @property
    def days(self) -> int:
        """The days that are added, 0 where a day is named."""
        return self.by or 0


class AskRecovery(Body):
    """Asks that another person become the admin, since nobody reaches the present one. `evidence` says how both was established."""

    model_config = example(
        email="grace@example.com",
        name="Grace Dupont",
        reason="The admin left the company, and the mailbox is closed.",
        evidence="Extract of the register of 2 March, letter signed by the managing director, call back on the number of the register.",
    )

    email: EmailAddress
    name: Name
    language: LanguageCode | None = None
    reason: Reason
    evidence: NoteText


class DecideRecovery(Body):
    """Approves the request of a colleague, or refuses it, after a look at the evidence."""

    model_config = example(reason="Looked at the extract and the letter.")

    reason: Reason
