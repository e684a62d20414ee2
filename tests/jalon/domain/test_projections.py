"""By which names a projection calls its people (X18), and until when its activation is open (P5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jalon.domain.due import Due
from jalon.domain.projections.parts import AgendaEntry
from tests.jalon.domain.kinds.test_poles import PENDING
from workflows.engine.state import known


@pytest.mark.rule("X18")
@pytest.mark.parametrize(
    ("admin", "buyer_names", "names"),
    [("pty_1", "rec_1", "rec_1"), ("pty_1", None, "pty_1"), ("pty_2", "rec_1", "pty_2")],
)
def test_the_buyer_is_called_as_in_the_order_and_another_admin_by_their_own_name(
    admin: str, buyer_names: str | None, names: str
) -> None:
    assert replace(PENDING, admin=admin, buyer_names=buyer_names).admin_names == names


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    ("what", "held"), [(Due.ACTIVATION_WINDOW, True), (Due.ACTIVATION_WINDOW, False), (Due.RECOVERY, True)]
)
def test_only_a_window_that_is_held_open_has_no_end(what: Due, *, held: bool) -> None:
    closes = known(PENDING.activation_by)
    pending = replace(
        PENDING, agenda=(AgendaEntry(due_at=closes, what=what, rule="P5", protects="vendor", held=held),)
    )
    assert pending.activates_before == (None if held and what is Due.ACTIVATION_WINDOW else closes)
