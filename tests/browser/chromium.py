"""The browser of the tests: the Chromium that `make test` unpacked from npm, else the system's Chromium or Chrome.

`JALON_TEST_BROWSER` names another program, `JALON_TEST_NPM` another folder in which tests/npm/package-lock.json is installed.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, Error, Playwright

NPM = Path(os.environ.get("JALON_TEST_NPM") or Path(sys.prefix) / "npm")
UNPACKED = NPM / "chromium"
SYSTEM = ("chromium", "google-chrome-stable", "google-chrome")
STARTS_WITHIN = 30_000

FRAMES_STAY = "--disable-features=IsolateSandboxedIframes"
"""A contract's frame has no process of its own: a click would get lost that comes before it has started."""


class NoBrowser(Exception):
    """No browser starts; the message has what each program said."""


@dataclass(frozen=True)
class Program:
    """A browser that can be started, with what it needs beside this process's environment."""

    path: Path
    needs: Mapping[str, str] = field(default_factory=dict)


def programs() -> Iterator[Program]:
    """The browsers of this computer. The pinned one comes first: it is the same everywhere, and the faster one."""
    named = os.environ.get("JALON_TEST_BROWSER")
    unpacked = UNPACKED / "chromium"
    for path in map(Path, [named] if named else [str(unpacked), *filter(None, map(shutil.which, SYSTEM))]):
        if path == unpacked:
            libraries = {
                "LD_LIBRARY_PATH": str(UNPACKED / "lib"),
                "FONTCONFIG_FILE": str(UNPACKED / "fonts.conf"),
            }
            yield Program(path, libraries)
        else:
            yield Program(path)


async def launch(playwright: Playwright) -> Browser:
    """The first browser that starts. It has no sandbox, which root and containers do not allow: it opens Jalon's own pages only.

    Raises NoBrowser.
    """
    said = []
    for program in programs():
        try:
            return await playwright.chromium.launch(
                executable_path=program.path,
                env={**os.environ, **program.needs},
                chromium_sandbox=False,
                args=[FRAMES_STAY],
                timeout=STARTS_WITHIN,
            )
        except Error as error:
            said.append(f"{program.path}: {error}")
    raise NoBrowser("run `make test`, which sets a browser up\n\n" + "\n\n".join(said))
