"""Pictures of every page and e-mail, for people to look at, each judged by axe: `make screenshots`.

python -m tests.browser.screenshots FOLDER   writes `NAME.LANGUAGE-WIDTH.png`, and `index.html`, which shows them all

Names each page that not everybody can use with its language, its width and what is wrong on it, and exits with 1 when there is any.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, async_playwright

from tests.browser import samples
from tests.browser.chromium import launch
from tests.browser.inspection import faults, photograph

HEIGHT = 844
TELEPHONE = 390
WIDTHS_OF_A_PAGE = (TELEPHONE, 1280)
WIDTHS_OF_AN_EMAIL = (TELEPHONE, 600)
TOGETHER = 4


IN_README = {
    "portal-renews": "portal",
    "contract-2-activate-and-sign": "contract",
    "mail-order_processing-1": "mail",
}
"""The samples that the README shows, each by the name of its picture."""
SHARP = 1.5
"""Pixels of a picture of the README for one of the page."""


async def take_for_readme(folder: Path) -> list[Path]:
    """Pictures of the first screen of a telephone, in English, for the README."""
    with TemporaryDirectory() as made:
        files = {file.stem: file for file in samples.write(Path(made))}
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            context = await browser.new_context(
                viewport={"width": TELEPHONE, "height": HEIGHT},
                device_scale_factor=SHARP,
                java_script_enabled=False,
            )
            page, taken = await context.new_page(), []
            for sample, name in IN_README.items():
                await page.goto(files[f"{sample}.en"].as_uri())
                taken.append(folder / f"{name}.png")
                await page.screenshot(path=taken[-1])
            await browser.close()
    return taken


async def take(folder: Path, wanted: str) -> tuple[list[Path], list[str]]:
    """Pictures of all samples whose name contains `wanted`, in the folder, and what is wrong on them."""
    with TemporaryDirectory() as made:
        files = [file for file in samples.write(Path(made)) if wanted in file.stem]
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            taken: list[Path] = []
            wrong: list[str] = []
            for width in sorted({*WIDTHS_OF_A_PAGE, *WIDTHS_OF_AN_EMAIL}):
                shown = [file for file in files if width in _widths(file)]
                shares = (shoot(browser, folder, width, shown[first::TOGETHER]) for first in range(TOGETHER))
                for pictures, found in await asyncio.gather(*shares):
                    taken += pictures
                    wrong += found
            await browser.close()
    return sorted(taken), sorted(wrong)


def _widths(file: Path) -> Sequence[int]:
    return WIDTHS_OF_AN_EMAIL if file.name.startswith(samples.MAIL) else WIDTHS_OF_A_PAGE


async def shoot(
    browser: Browser, folder: Path, width: int, files: Sequence[Path]
) -> tuple[list[Path], list[str]]:
    """Pictures of these files, one after the other, in a window of this width, and what is wrong on them."""
    context = await browser.new_context(viewport={"width": width, "height": HEIGHT})
    page = await context.new_page()
    taken, wrong = [], []
    for file in files:
        await page.goto(file.as_uri())
        taken.append(folder / f"{file.stem}-{width}.png")
        await photograph(page, taken[-1])
        name, _, language = file.stem.partition(".")
        found = await faults(page, best_practice=samples.has_landmarks(name))
        wrong += [f"{name} ({language}, {width} px): {each}" for each in found]
    await context.close()
    return taken, wrong


def index(pictures: Sequence[Path]) -> str:
    """A page that shows the pictures, each under its name."""
    shown = "\n".join(
        f'<figure><figcaption>{escape(each.stem)}</figcaption><img src="{escape(each.name)}" alt="" loading="lazy"></figure>'
        for each in pictures
    )
    style = "body{display:flex;flex-wrap:wrap;gap:2rem;font-family:sans-serif}figure{margin:0}img{border:1px solid #ccc}"
    return f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Pictures</title><style>{style}</style>\n{shown}\n'


def main() -> None:
    """Takes the pictures, and judges the pages."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", default="", metavar="TEXT", help="of samples whose name contains this")
    parser.add_argument(
        "--readme", action="store_true", help="the pictures that the README shows, and no others"
    )
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.readme:
        pictures = asyncio.run(take_for_readme(given.folder))
        print(f"{len(pictures)} pictures: {given.folder.resolve()}")
        return
    pictures, wrong = asyncio.run(take(given.folder, given.only))
    (given.folder / "index.html").write_text(index(pictures))
    print(f"{len(pictures)} pictures: {(given.folder / 'index.html').resolve()}")
    if wrong:
        sys.exit("\n".join(["not everybody can use:", *wrong]))


if __name__ == "__main__":
    main()
