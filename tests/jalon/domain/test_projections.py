"""By which names a projection calls its people (X18)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.jalon.domain.kinds.test_poles import PENDING


@pytest.mark.rule("X18")
@pytest.mark.parametrize(
    ("admin", "buyer_names", "names"),
    [("pty_1", "rec_1", "rec_1"), ("pty_1", None, "pty_1"), ("pty_2", "rec_1", "pty_2")],
)
def test_the_buyer_is_called_as_in_the_order_and_another_admin_by_their_own_name(
    admin: str, buyer_names: str | None, names: str
) -> None:
    assert replace(PENDING, admin=admin, buyer_names=buyer_names).admin_names == names
