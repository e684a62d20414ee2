"""The body of a change of a person."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from api.fields import Body, EmailAddress, LanguageCode, Name, Reason, example


class ChangePerson(Body):
    """Changes the given fields of a person; the others stay. `reason` is kept in the audit."""

    model_config = example(
        email="ada.martin@example.com", reason="Her mailbox moved; she called from the known number."
    )

    email: EmailAddress | None = None
    name: Name | None = None
    company: Name | None = None
    language: LanguageCode | None = None
    reason: Reason

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.asked():
            raise ValueError("name at least one of email, name, company and language")
        return self

    def asked(self) -> dict[str, Any]:
        """The given fields."""
        fields = {"email": self.email, "name": self.name, "company": self.company, "language": self.language}
        return {name: value for name, value in fields.items() if value is not None}
