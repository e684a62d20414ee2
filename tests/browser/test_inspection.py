"""What the tests of pages rely on sees what is wrong: each planted fault is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.inspection import Faults, axe
from tests.browser.screenshots import shoot

WHOLE = '<!doctype html><html lang="en"><title>Whole</title><main><h1>Whole</h1>{}</main></html>'
PLANTED = {
    "label": '<input name="city">',
    "color-contrast": '<p style="color: #bbb">faint</p>',
    "in the dark: color-contrast": "<style>@media (prefers-color-scheme: dark) { h1 { color: #333; background: #111 } }</style>",
    "heading-order": "<h4>Deep</h4>",
    "reflow": '<p style="width: 60rem">wide</p>',
}
FAILING = """
<script>console.error("said"); setTimeout(() => { throw new Error("thrown") })</script>
<img src="http://127.0.0.1:9/none.png" alt="none">
"""


async def test_each_planted_fault_of_a_page_is_found(browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await page.set_content(WHOLE.format(""))
    await axe(page)
    for rule, markup in PLANTED.items():
        await page.set_content(WHOLE.format(markup))
        with pytest.raises(AssertionError, match=rule):
            await axe(page)
    await page.context.close()


async def test_pictures_name_the_page_with_its_language_and_width_and_what_is_wrong_on_it(
    browser: Browser, tmp_path: Path
) -> None:
    shown = {"good.fr": "", "bad.en": PLANTED["label"], "mail-bad.en": PLANTED["label"]}
    files = [tmp_path / f"{name}.html" for name in shown]
    for file, content in zip(files, shown.values(), strict=True):
        file.write_text(WHOLE.format(content))
    taken, wrong = await shoot(browser, tmp_path, 390, files)
    assert {each.name for each in taken} == {"good.fr-390.png", "bad.en-390.png", "mail-bad.en-390.png"}
    assert all(each.is_file() for each in taken)
    assert [each.partition(" (Form")[0] for each in wrong] == [
        "bad (en, 390 px): label",
        "mail-bad (en, 390 px): label",
    ]


async def test_each_failure_on_a_page_is_noticed(browser: Browser) -> None:
    context, faults = await browser.new_context(), Faults()
    faults.watch(context)
    page = await context.new_page()
    await page.set_content(WHOLE.format(FAILING))
    await page.evaluate("new Promise(done => setTimeout(done, 50))")
    await context.close()
    assert sorted(each.partition(" ")[0] for each in faults.seen) == ["GET", "error:", "script:"], faults.seen
