"""The customers of a night: what a good day sends them, and what the pages of their orders say while everything stands."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Sequence
from html import unescape

import httpx

from jalon.integrations.mail.words import words
from jalon.rehearsal.faults.gathering import read_letters, unsettled
from jalon.rehearsal.faults.journey import Journey
from jalon.rehearsal.faults.rig import ROOT, Rig

SEEN_AT_MOST = 60
"""The orders whose pages are looked at, spread over all of them."""
CALM = ("working", "activating", "to_activate", "completed")
"""The states that an order's page shows on a good day."""
GOOD_DAY_WITHIN = 60.0
_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


class CustomerNoticed(Exception):
    """A customer was told of more than a delay, or a good day was none."""


async def good_day(rig: Rig, journeys: Sequence[Journey]) -> dict[str, frozenset[str]]:
    """Lives orders through before anything breaks. Returns the e-mails that each kind of order sends, by its product."""
    for journey in journeys:
        await journey.open()
        await journey.place()
        if journey.sku == "brief":
            await journey.activate_late()
        await journey.complete()
    sent: dict[str, frozenset[str]] = {}
    try:
        async with asyncio.timeout(GOOD_DAY_WITHIN):
            while not all(
                journey.expected().mails <= sent.get(journey.sku, frozenset()) for journey in journeys
            ):
                if await unsettled(rig.addresses):
                    await asyncio.sleep(0.5)
                letters = await read_letters(rig.addresses)
                sent = {
                    journey.sku: frozenset(each.template for each in letters if each.to == journey.buyer)
                    for journey in journeys
                }
    except TimeoutError:
        raise CustomerNoticed(f"a good day sent no more than {sent}") from None
    return sent


async def see_nothing_but_a_delay(rig: Rig, journeys: Sequence[Journey]) -> int:
    """Looks at the pages of some orders as their customers see them. Returns how many. Raises CustomerNoticed."""
    titles = _calm_titles()
    looked = journeys[:: -(-len(journeys) // SEEN_AT_MOST)]
    key = rig.machine.keys["support"]
    async with httpx.AsyncClient(
        base_url=rig.machine.urls["api"], timeout=60, headers={"Authorization": f"Bearer {key}"}
    ) as http:
        for journey in looked:
            answer = await http.get(f"/v1/support/entities/{journey.order}/as-customer")
            title = _title(answer)
            if title not in titles:
                raise CustomerNoticed(f"the page of {journey.order} answers {answer.status_code}: {title}")
    return len(looked)


def _calm_titles() -> Collection[str]:
    shown = [words(ROOT / "templates", language)["order"] for language in ("en", "fr")]
    return {each[f"title_{state}"] for each in shown for state in CALM}


def _title(answer: httpx.Response) -> str:
    if answer.status_code != httpx.codes.OK:
        return ""
    found = _TITLE.search(answer.json()["html"])
    return "" if found is None else unescape(found.group(1)).strip()
