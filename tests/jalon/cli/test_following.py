"""`jalon repairs … --wait` shows what heals, and its exit code tells how a repair ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jalon.cli import following
from tests.jalon.cli.conftest import Jalon
from tests.jalon.client.server import Script, Told, served

OUTCOMES = ("healed", "parked_again", "parked_other", "refused")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    monkeypatch.setattr(following, "LOOK_AGAIN_SECONDS", 0.01)
    with served() as script:
        yield script


def repair(state: str, pending: int, *counts: int, why: str | None = None) -> Told:
    """The answer of a repair in this state, with so many of each outcome and no lists."""
    by_outcome = dict(zip(OUTCOMES, counts, strict=True))
    body: dict[str, Any] = {
        "id": "rep_1",
        "name": "INC-7",
        "state": state,
        "why": why,
        "action": "retry",
        "reason": "it answers",
        "counts": {"total": pending + sum(counts), "pending": pending, **by_outcome},
        "started_by": "Olga",
        "approved_by": None,
        **{outcome: [] for outcome in OUTCOMES},
    }
    return Told(200, body)


def waited(jalon: Jalon, api: Script, *answers: Told | str) -> tuple[int, list[str], str]:
    api.tell(*answers)
    result = jalon("repairs", "status", "rep_1", "--wait", "--api", api.url, "--key", "jln_x")
    return result.returncode, result.stderr.splitlines(), result.stdout


def test_all_healed_ends_with_0(jalon: Jalon, api: Script) -> None:
    code, progress, shown = waited(
        jalon,
        api,
        repair("canary", 3, 0, 0, 0, 0),
        repair("running", 1, 2, 0, 0, 0),
        repair("done", 0, 3, 0, 0, 0),
    )
    assert code == 0
    assert progress == [
        "canary: 0 healed, 0 parked again, 0 parked other, 0 refused",
        "running: 2 healed, 0 parked again, 0 parked other, 0 refused",
        "done: 3 healed, 0 parked again, 0 parked other, 0 refused",
    ]
    assert ["healed", "3"] in [line.split() for line in shown.splitlines()]


@pytest.mark.parametrize(
    "ended",
    [
        repair("done", 0, 2, 1, 0, 0),
        repair("done", 0, 2, 0, 0, 1),
        repair("aborted", 1, 2, 0, 0, 0),
        repair("stopped", 1, 0, 2, 0, 0, why="2 of 2 did not heal"),
    ],
)
def test_anything_else_ends_with_3(jalon: Jalon, api: Script, ended: Told) -> None:
    code, _, shown = waited(jalon, api, repair("running", 3, 0, 0, 0, 0), ended)
    assert code == 3
    assert str(ended.body["why"] or "") in shown


def test_an_api_that_is_away_for_a_moment_is_waited_for(
    jalon: Jalon, api: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.cli.connection.PATIENCE_SECONDS", 0.05)
    away = [Told(503, {"code": "overloaded", "detail": "later"})] * 3
    code, _, _ = waited(jalon, api, repair("running", 1, 0, 0, 0, 0), *away, repair("done", 0, 1, 0, 0, 0))
    assert code == 0


def test_whoever_stops_waiting_stops_nothing(
    jalon: Jalon, api: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("jalon.cli.following.time.sleep", interrupt)
    code, progress, _ = waited(jalon, api, repair("running", 1, 0, 0, 0, 0))
    assert (code, progress[-1]) == (130, "it goes on without you: jalon repairs status rep_1 --wait")
    assert {each.method for each in api.asked} == {"GET"}
