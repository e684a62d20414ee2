"""What a repair does next, from its counts alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jalon.domain.repairs.course import BATCH, Becomes, Ends, Progress, Sends, Waits, next_move
from jalon.domain.repairs.names import RepairState as S
from jalon.domain.repairs.names import slug_of

ALL = Progress(
    state=S.CANARY,
    unsent=100,
    pending=0,
    healed=0,
    failed=0,
    canary_unsent=3,
    canary_pending=0,
    per_minute=None,
    stop_at_error_rate=0.5,
    forgiven=0,
    forgiven_of=0,
)


def move(**changes: Any) -> object:
    return next_move(replace(ALL, **changes))


def test_the_canary_goes_first_and_the_rest_once_it_healed() -> None:
    assert move() == Sends(3, 1.0)
    assert move(unsent=97, pending=3, canary_unsent=0, canary_pending=3) == Waits()
    gone = {"unsent": 97, "canary_unsent": 0}
    assert move(**gone, healed=2, failed=1) == Becomes(S.STOPPED, "1 of the canary did not heal")
    assert move(**gone, healed=3) == Becomes(S.RUNNING)
    assert move(**gone, healed=2, failed=1, forgiven=1) == Becomes(S.RUNNING)
    assert move(canary_unsent=0) == Becomes(S.RUNNING)


@pytest.mark.parametrize(
    ("per_minute", "sends"),
    [(None, Sends(BATCH, 1.0)), (1, Sends(1, 60.0)), (120, Sends(10, 5.0)), (60_000, Sends(BATCH, 0.05))],
)
def test_the_rest_goes_by_its_pace(per_minute: int | None, sends: Sends) -> None:
    assert move(state=S.RUNNING, per_minute=per_minute) == sends


def test_it_stops_once_more_than_its_share_did_not_heal() -> None:
    running = {"state": S.RUNNING, "stop_at_error_rate": 0.1}
    assert isinstance(move(**running, healed=18, failed=2), Sends)
    why = "15% of the entities did not heal, 10% at most are borne"
    assert move(**running, healed=17, failed=3) == Becomes(S.STOPPED, why)
    assert isinstance(move(**running, healed=10, failed=9), Sends), "too few to judge"
    assert isinstance(move(**running, healed=37, failed=5, forgiven=3, forgiven_of=20), Sends)


def test_it_waits_for_people_and_ends_once_nothing_is_under_way() -> None:
    for state in (S.PAUSED, S.STOPPED, S.AWAITING_APPROVAL):
        assert move(state=state) == Waits(asleep=True)
        assert move(state=state, pending=1) == Waits()
    assert move(state=S.RUNNING, unsent=0, pending=1) == Waits()
    assert move(state=S.RUNNING, unsent=0, healed=100) == Becomes(S.DONE)
    for state in (S.ABORTED, S.DONE):
        assert move(state=state, pending=1) == Waits()
        assert move(state=state) == Ends()


def test_a_name_is_a_part_of_an_id() -> None:
    assert slug_of("INC-2026-014: Sandbox down!") == "inc-2026-014-sandbox-down"
    assert slug_of("???") == "repair"
    assert len(slug_of("a" * 200)) == 60
