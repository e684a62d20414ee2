"""A lifecycle as a pole: reached, held and awaited bands, in the store's zone."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from jalon.pole import AGAIN, AWAITED, BETWEEN, HELD, REACHED, draw

TIMELINE: dict[str, Any] = {
    "id": "ord_1",
    "number": "FAS-1001",
    "status": "awaiting_activation",
    "timeline": [
        {"at": "2026-01-15T10:30:00+01:00", "kind": "event", "event": "cart_opened", "rule": None},
        {
            "at": "2026-01-15T10:31:00+01:00",
            "kind": "event",
            "event": "placed",
            "rule": "P5",
            "actor": "Ada Ops",
        },
        {
            "at": "2026-01-15T10:32:00+01:00",
            "kind": "mail",
            "event": "mail_accepted",
            "data": {"template": "contract_ready"},
        },
    ],
    "parked": [{"step": "send_contract", "cause": "MailRefused"}],
    "agenda": [
        {"due_at": "2026-04-16T00:00:00+02:00", "what": "void_unsigned", "rule": "P8", "protects": "vendor"}
    ],
}


def _shown(timeline: dict[str, Any]) -> str:
    console = Console(width=100, record=True, force_terminal=False)
    with console.capture() as captured:
        console.print(draw(timeline))
    return captured.get()


def test_each_band_shows_what_became_of_it() -> None:
    lines = _shown(TIMELINE).splitlines()
    assert lines[0].split() == [REACHED, "2026-01-15", "10:30", "cart", "opened"]
    assert lines[1].split() == [AGAIN, "2026-01-15", "10:31", "placed", "P5", "Ada", "Ops"]
    assert lines[2].split() == [
        BETWEEN.strip(),
        "2026-01-15",
        "10:32",
        "mail",
        "accepted",
        "contract",
        "ready",
    ]
    assert lines[3].split() == [HELD, "parked", "send", "contract"]
    assert lines[4].split() == [AWAITED, "2026-04-16", "00:00", "void", "unsigned", "P8"]
    assert len(lines) == 5


def test_only_what_moves_money_shows_an_amount() -> None:
    amount = {"amount": {"amount": "960.00", "currency": "EUR"}}
    events = (
        "mandate_stored",
        "mandate_succeeded",
        "mandate_released",
        "release_succeeded",
        "charge_succeeded",
    )
    told = [{"at": "2026-01-15T10:30:00+01:00", "event": event, "data": amount} for event in events]
    *authority, charge = _shown({"id": "ord_1", "timeline": told}).splitlines()
    assert [line for line in authority if "960.00" in line] == []
    assert "charge succeeded 960.00 EUR" in charge


def test_a_life_that_is_over_shows_only_what_happened() -> None:
    shown = _shown({"id": "ord_1", "status": "cancelled", "timeline": TIMELINE["timeline"]})
    assert AWAITED not in shown
