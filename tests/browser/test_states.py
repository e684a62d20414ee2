"""Every page in every state, also those that no test passes on its way, is one that everybody can use."""

from __future__ import annotations

from itertools import cycle, product
from pathlib import Path

import pytest

from jalon.integrations.mail.formats import LANGUAGES
from tests.browser import samples
from tests.browser.conftest import HEIGHT, OpenPage
from tests.browser.inspection import axe

EMAILS = ("mail-contract_ready-1", "mail-export_hold-1", "mail-renewal_notice-1")
"""One e-mail with a button, one without, and one with links in its text. All have the same layout."""
COMBINATIONS = tuple(product(LANGUAGES, (390, 1280)))
"""Each state is judged in one language and width, in turn; `make screenshots` judges it in all four."""


@pytest.mark.timeout(300)
async def test_everybody_can_use_every_page_in_every_state(open_page: OpenPage, tmp_path: Path) -> None:
    files = {file.name: file for file in samples.write(tmp_path)}
    names = dict.fromkeys(name.partition(".")[0] for name in files)
    states = [name for name in names if name in EMAILS or not name.startswith(samples.MAIL)]
    page = await open_page("fr", 390)
    # Where the style sheet is; set into one page, the others are judged in half the time.
    await page.goto(next(iter(files.values())).as_uri())
    for name, (language, width) in zip(states, cycle(COMBINATIONS), strict=False):
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        await page.set_content(files[f"{name}.{language}.html"].read_text())
        await axe(page, best_practice=samples.has_landmarks(name))
