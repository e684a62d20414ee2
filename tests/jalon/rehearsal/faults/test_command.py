"""The output of `jalon faults --json`."""

from __future__ import annotations

import pytest

from jalon.rehearsal.faults import main
from jalon.rehearsal.faults.cases import CASES
from jalon.rehearsal.faults.command import as_json
from jalon.rehearsal.faults.observations import Finding
from jalon.rehearsal.faults.run import Outcome, p99

CLEAN = Outcome("kill-api", 50, 0, 0, 0, 3, 0, 4.25, 40.0, ())


def test_the_json_object_has_the_names_that_scripts_read() -> None:
    assert as_json([CLEAN]) == {
        "ok": True,
        "cases": [
            {
                "id": "kill-api",
                "orders": 50,
                "lost": 0,
                "charged_twice": 0,
                "mailed_twice": 0,
                "mail_repeats": 3,
                "recovery_p99_s": 4.25,
                "ok": True,
            }
        ],
    }


def test_one_case_that_is_not_ok_spoils_the_whole() -> None:
    lost = Outcome("kill-api", 50, 1, 0, 0, 0, 0, None, 40.0, (Finding("lost", "ord_1", "never opened"),))
    assert as_json([CLEAN, lost])["ok"] is False


def test_the_99th_percentile_is_a_value_that_was_measured() -> None:
    assert p99([]) is None
    assert p99([1.0]) == 1.0
    assert p99([float(n) for n in range(1, 101)]) == 99.0
    assert p99([float(n) for n in range(1, 51)]) == 50.0


def test_case_ids_are_told_apart() -> None:
    assert len({case.id for case in CASES}) == len(CASES)


def test_an_unknown_case_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--case", "kill-everyone"])
    assert ended.value.code == 2
    assert "kill-worker" in capsys.readouterr().err
