"""A pole shows the milestones of an entity in order: reached, awaited or held."""

from __future__ import annotations

from typing import Any

import pytest

from jalon.domain.kinds import KINDS

AT = "2026-01-15T10:00:00+00:00"


def pole(**view: Any) -> list[tuple[str, str]]:
    return [(band.label, band.state) for band in KINDS.milestones_of(view)]


@pytest.mark.parametrize(
    ("view", "bands"),
    [
        ({"status": "cart", "placed_at": None}, [("ordered", "awaited")]),
        (
            {"status": "export_hold", "placed_at": AT},
            [("ordered", "reached"), ("screening", "held"), ("payment", "awaited"), ("active", "awaited")],
        ),
        (
            {"status": "processing", "placed_at": AT, "payment": {"state": "captured"}},
            [("ordered", "reached"), ("payment", "reached"), ("active", "awaited")],
        ),
        (
            {"status": "completed", "placed_at": AT, "payment": {"state": "mandate"}},
            [("ordered", "reached"), ("payment", "reached"), ("active", "reached")],
        ),
    ],
    ids=["cart", "held", "paid", "completed"],
)
def test_the_pole_of_an_order(view: dict[str, Any], bands: list[tuple[str, str]]) -> None:
    assert pole(id="ord_1", **view) == bands


def test_the_pole_of_a_subscription_from_its_steps_to_its_renewal() -> None:
    steps = [{"step": "click_activate", "done_at": AT}, {"step": "sign", "done_at": None}]
    pending = {
        "id": "sub_1",
        "status": "pending_activation",
        "ordered_at": AT,
        "steps": steps,
        "activation_by": AT,
    }
    assert pole(**pending) == [
        ("ordered", "reached"),
        ("click_activate", "reached"),
        ("sign", "awaited"),
        ("active", "awaited"),
    ]
    active = {"id": "sub_1", "status": "active", "ordered_at": AT, "stop_by": AT, "term_end": AT}
    assert pole(**active)[-2:] == [("stop_cutoff", "awaited"), ("renewal", "awaited")]
    assert pole(**active, renewal_committed_at=AT)[-2:] == [
        ("stop_cutoff", "reached"),
        ("renewal", "awaited"),
    ]
    assert pole(**active, stop_requested_at=AT)[-1] == ("term_end", "awaited")
