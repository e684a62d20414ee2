"""The judge of deadlines, on lives of a known seed."""

from __future__ import annotations

from jalon.rehearsal.sim.chance import TROUBLES
from jalon.rehearsal.sim.life import live
from jalon.rehearsal.sim.shrinking import PEOPLE


def test_a_closing_that_a_reset_left_overdue_is_not_early() -> None:
    without = frozenset((*PEOPLE, *TROUBLES)) - {"more_carts", "operator_parks", "reset"}
    lived = live(800197, harsh=False, without=without, traced=True)
    assert any("RESET order/geomatics/ord_0" in line for line in lived.trace)
    assert any("ord_0: entity_closed" in line for line in lived.trace)
    assert lived.found == ()
