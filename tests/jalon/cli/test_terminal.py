"""What commands print: whole ids at any width, and into a pipe neither colours nor trailing blanks."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from jalon.cli.terminal import Cell, Listing, facts, print_listing, print_out, width

ID = "ord_01m8atn4c4e5tfz0m1tbq7d9st"
ROWS: list[tuple[Cell, ...]] = [
    (
        "DRA-2026-YN7197",
        Text("past_due", "red"),
        ID,
        "3",
        "Zoé Lefèvre · Études Lefèvre · zoe@lefevre.example",
    ),
    ("DRA-2026-A2T4SS", "completed", ID, "12", ""),
]
LISTING = Listing(
    columns=("number", "status", "id", "seats", "buyer"), rows=ROWS, keep=3, right=frozenset({"seats"})
)


def shown(columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.setenv("COLUMNS", columns)
    print_listing(LISTING, "nothing")
    return capsys.readouterr().out.splitlines()


def test_a_wide_terminal_has_a_line_for_each_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown("120", monkeypatch, capsys) == [
        "number           status     id                              seats  buyer",
        f"DRA-2026-YN7197  past_due   {ID}      3  Zoé Lefèvre · Études Lefèvre · zoe@lefevre.example",
        f"DRA-2026-A2T4SS  completed  {ID}     12",
    ]


def test_a_narrow_terminal_has_the_rest_of_a_row_below_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown("60", monkeypatch, capsys) == [
        "number           status     id",
        f"DRA-2026-YN7197  past_due   {ID}",
        "  seats 3 · buyer Zoé Lefèvre · Études Lefèvre ·",
        "  zoe@lefevre.example",
        f"DRA-2026-A2T4SS  completed  {ID}",
        "  seats 12",
    ]


def test_a_column_in_which_nothing_stands_is_left_out_before_a_row_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = Listing(columns=("id", "note", "owner"), rows=[(ID, "", "Olga")], keep=1)
    for columns, header in (("38", "id                              owner"), ("60", f"{'id':32}note  owner")):
        monkeypatch.setenv("COLUMNS", columns)
        print_listing(noted, "nothing")
        assert capsys.readouterr().out.splitlines()[0] == header


def test_a_pipe_cuts_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    lines = shown("", monkeypatch, capsys)
    assert len(lines) == 3
    assert [line for line in lines if "\x1b" in line or line != line.rstrip()] == []
    assert width() > 1_000


def test_a_terminal_has_colours_unless_it_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = []
    for no_color in ("", "1"):
        monkeypatch.setenv("NO_COLOR", no_color)
        console = Console(force_terminal=True, color_system="standard", width=120, legacy_windows=False)
        with console.capture() as captured:
            console.print(*LISTING.lines(120), sep="\n")
        printed.append(captured.get())
    assert ("\x1b[31m" in printed[0], "\x1b[31m" in printed[1]) == (True, False)


def test_a_fact_that_is_long_goes_on_under_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    print_out(*facts([("waits for", "the buyer, to give a payment method that works"), ("until", None)]))
    assert capsys.readouterr().out.splitlines() == [
        "waits for  the buyer, to give a payment",
        "           method that works",
    ]


def test_an_empty_list_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_listing(Listing(columns=("id",), rows=[], keep=1), "nothing is stuck")
    assert capsys.readouterr().out == "nothing is stuck\n"
