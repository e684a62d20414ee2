"""Every page in every state, also those that no test passes on its way, is one that everybody can use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import samples
from tests.browser.conftest import OpenPage
from tests.browser.inspection import axe

EMAILS = ("mail-contract_ready-1", "mail-export_hold-1", "mail-renewal_notice-1")
"""One e-mail with a button, one without, and one with links in its text. All have the same layout."""
WITHOUT_LANDMARKS = (*EMAILS, "document", "document-signed")


@pytest.mark.timeout(300)
async def test_everybody_can_use_every_page_in_every_state(open_page: OpenPage, tmp_path: Path) -> None:
    page = await open_page("fr", 390)
    files = samples.write(tmp_path)
    await page.goto(
        files[0].as_uri()
    )  # where the style sheet is; set into one page, the others are judged in half the time
    for file in files:
        name, language, _ = file.name.split(".")
        if language == "fr" and (name in EMAILS or not name.startswith(samples.MAIL)):
            await page.set_content(file.read_text())
            await axe(page, best_practice=name not in WITHOUT_LANDMARKS)
