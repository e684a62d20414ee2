"""One thing that e-mails and pages say, in each language, and when it is so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from jalon.integrations.mail.formats import Language
from jalon.rehearsal.sim.reading.figures import AMOUNT, WHEN
from jalon.rehearsal.sim.reading.truths import Truth


@dataclass(frozen=True)
class Saying:
    """One thing that is said, as a pattern of each language: `{when}` stands for a date, `{amount}` for an amount."""

    en: str
    fr: str
    holds: Truth

    @cache  # noqa: B019 (there are a few dozen sayings, for the life of the process)
    def pattern(self, language: Language) -> re.Pattern[str]:
        """The pattern of a language."""
        text = self.fr if language == "fr" else self.en
        text = text.replace("{when}", f"(?P<when>{WHEN[language]})")
        return re.compile(text.replace("{amount}", f"(?P<amount>{AMOUNT[language]})"))
