"""`jalon stores check FILE`."""

from __future__ import annotations

import pytest

from jalon.policy.authoring.command import check_file
from tests.jalon.policy.conftest import WriteStore


def test_a_good_file_is_summed_up(write_store: WriteStore, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_store()
    assert check_file(path) == 0
    assert capsys.readouterr().out.split("\n")[:4] == [
        f"{path}: optics is good",
        "  Optics, test clock, Europe/Paris, fr, en",
        "  5 products, 3 sold online for P1Y, P3M, P1M in EUR, USD",
        "  audiences company, maker; 3 terms documents",
    ]


def test_faults_are_printed_one_a_line(write_store: WriteStore, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_store(('clock = "test"', 'clock = "tset"'), ('"OPT"', '"o"'))
    assert check_file(path) == 1
    first, second, last, _ = capsys.readouterr().out.split("\n")
    assert first.startswith(
        f'{path}:6: store.clock: must be one of live, test, not "tset"; did you mean "test"?'
    )
    assert second.startswith(f"{path}:10: store.order_number_prefix: ")
    assert last == "2 faults: the store cannot be served"


def test_an_unknown_payment_provider_is_a_fault_where_they_are_known(
    write_store: WriteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_store()
    assert check_file(path, {"sandbox"}) == 0
    capsys.readouterr()
    assert check_file(path, {"other"}) == 1
    assert '"sandbox" is no payment provider; known: other' in capsys.readouterr().out
