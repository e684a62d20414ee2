"""The page of error codes equals the table of codes."""

from __future__ import annotations

from pathlib import Path

from api.reference.errors import in_page
from jalon.domain.error_codes import ErrorCode

PAGE = Path(__file__).resolve().parents[3] / "docs" / "errors.md"


def test_the_page_explains_every_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == in_page(page), "run: python -m api.reference.errors < docs/errors.md"
    assert [code for code in ErrorCode if f"| `{code}` |" not in page] == []
