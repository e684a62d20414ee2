"""A life as a pole: reached, held and awaited bands, in the store's zone."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from commands.pole import AWAITED, HELD, REACHED, draw

TIMELINE: dict[str, Any] = {
    "id": "ord_1",
    "number": "FAS-1001",
    "status": "awaiting_activation",
    "zone": "Europe/Paris",
    "timeline": [
        {"at": "2026-01-15T09:30:00Z", "event": "cart_opened", "rule": None},
        {"at": "2026-01-15T09:31:00Z", "event": "placed", "rule": "P5"},
    ],
    "parked": [{"step": "send_contract", "error": "MailRefused"}],
    "agenda": [
        {"due_at": "2026-04-15T22:00:00Z", "what": "void_unsigned", "rule": "P8", "protects": "vendor"}
    ],
    "waits_for": "signature",
}


def _shown(timeline: dict[str, Any]) -> str:
    console = Console(width=100, record=True, force_terminal=False)
    with console.capture() as captured:
        console.print(draw(timeline))
    return captured.get()


def test_each_band_shows_what_became_of_it() -> None:
    lines = _shown(TIMELINE).splitlines()
    assert lines[0].split() == ["FAS-1001", "ord_1", "awaiting_activation"]
    assert lines[1].split() == [REACHED, "2026-01-15", "10:30", "cart", "opened"]
    assert lines[2].split() == [REACHED, "2026-01-15", "10:31", "placed", "P5"]
    assert lines[3].split() == [HELD, "parked", "send", "contract", "MailRefused"]
    assert lines[4].split() == [AWAITED, "2026-04-16", "00:00", "void", "unsigned", "P8"]
    assert lines[5] == "waits for signature"


def test_a_life_that_is_over_shows_only_what_happened() -> None:
    shown = _shown({"id": "ord_1", "status": "cancelled", "timeline": TIMELINE["timeline"]})
    assert AWAITED not in shown
    assert "waits" not in shown
