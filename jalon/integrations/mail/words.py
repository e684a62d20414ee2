"""The words that templates share, per language, typeset: `templates/translations/<language>.toml`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.typography import typeset

Words = dict[str, dict[str, str]]


@lru_cache(maxsize=16)
def words(templates: Path, language: Language, folder: str = "translations") -> Words:
    """The words by section and key, typeset with the language's own spaces and quotes. `folder` holds those of another audience."""
    source = (templates / folder / f"{language}.toml").read_text("utf-8")
    return {
        section: {key: typeset(text, language) for key, text in entries.items()}
        for section, entries in tomllib.loads(source).items()
    }
