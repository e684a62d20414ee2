"""Sets typographic spaces and quotes in plain text.

French: a narrow no-break space before ; ! ?, a no-break space before : and inside « ». Both languages: ’ for '.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

NBSP = "\u00a0"
NARROW = "\u202f"

_BEFORE_HIGH = re.compile(r" +(?=[;!?])")
_BEFORE_WIDE = re.compile(r" +(?=[:»])")
_AFTER_OPENING = re.compile(r"« +")
_QUOTED = re.compile(r'"([^"]*)"')


def typeset(text: str, language: str) -> str:
    """`text` with the spaces and quotes of `language` ("fr" or "en"). Idempotent; for prose only, never markup."""
    text = text.replace("'", "’")
    if language == "fr":
        text = _BEFORE_HIGH.sub(NARROW, text)
        text = _BEFORE_WIDE.sub(NBSP, text)
        return _AFTER_OPENING.sub(f"«{NBSP}", text)
    return _QUOTED.sub(r"“\1”", text)


class Typesetting(Extension):
    """Typesets the text and strings written in templates named `…/fr.j2` and `…/en.j2`; inserted values are not changed."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Called by Jinja for each template as it is compiled."""
        name = stream.name or ""
        language = name.removesuffix(".j2").rpartition("/")[2]
        for token in stream:
            if token.type in ("data", "string") and language in ("fr", "en"):
                yield Token(token.lineno, token.type, typeset(token.value, language))
            else:
                yield token
