"""The words of one language, for support: those of its own file, those of the pages, and dates and money as pages write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jalon.integrations.mail.formats import Formats, Language, formats
from jalon.integrations.mail.words import Words, words

FOLDER = "support"


def own_words(templates: Path, language: Language) -> Words:
    """The words of support alone."""
    return words(templates, language, FOLDER)


@dataclass(frozen=True, slots=True)
class Spoken:
    """`own` are the words of support, `pages` those of the customer's pages; `fmt` writes dates in the store's zone."""

    language: Language
    own: Words
    pages: Words
    fmt: Formats

    @classmethod
    def of(cls, templates: Path, language: Language, zone: str) -> Spoken:
        """The words of a language for a store in this zone."""
        return cls(
            language, own_words(templates, language), words(templates, language), formats(language, zone)
        )

    def say(self, section: str, key: str, **facts: str) -> str:
        """A sentence of support with its facts."""
        return self.own[section][key].format(**facts)

    def dated(self, section: str, key: str, until: datetime | None) -> str:
        """A sentence with the last open minute before `until`; where there is none, the same without a date."""
        if until is None:
            return self.own[section][f"{key}_open"]
        return self.say(section, key, when=self.fmt.until(until))
