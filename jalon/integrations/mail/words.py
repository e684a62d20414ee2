"""The words that templates share, per language, typeset: `templates/translations/<language>.toml`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.typography import typeset

Words = dict[str, dict[str, str]]


@lru_cache(maxsize=8)
def words(templates: Path, language: Language) -> Words:
    """The words by section and key, typeset with the language's own spaces and quotes."""
    source = (templates / "translations" / f"{language}.toml").read_text("utf-8")
    return {
        section: {key: typeset(text, language) for key, text in entries.items()}
        for section, entries in tomllib.loads(source).items()
    }
