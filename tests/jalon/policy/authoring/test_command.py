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


VENDOR = """order_number_prefix = "OPT"

[store.vendor]
legal_name = "Optics SAS"
address = ["8 rue du Prisme", "31000 Toulouse", "France"]
vat_id = "FR19000345678"
"""


def test_a_store_without_a_vendor_is_served_and_its_author_is_told(
    write_store: WriteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_file(write_store()) == 0
    missing = 'store.vendor is missing: contracts and pages name "Optics" alone as the vendor'
    assert missing in capsys.readouterr().out
    assert check_file(write_store(('order_number_prefix = "OPT"\n', VENDOR))) == 0
    assert "vendor Optics SAS" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        ('"FR19000345678"', '"19000345678"', "store.vendor.vat_id: "),
        ('legal_name = "Optics SAS"\n', "", "store.vendor.legal_name: "),
        ('["8 rue du Prisme", "31000 Toulouse", "France"]', "[]", "store.vendor.address: "),
    ],
)
def test_a_vendor_that_is_named_is_named_whole(
    written: str,
    instead: str,
    fault: str,
    write_store: WriteStore,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check_file(write_store(('order_number_prefix = "OPT"\n', VENDOR.replace(written, instead)))) == 1
    assert fault in capsys.readouterr().out


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
