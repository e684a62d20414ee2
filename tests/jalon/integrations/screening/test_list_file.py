"""The list file: what it reads, when it reads again, and which files it refuses."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from jalon.integrations.screening.list_file import ListFileScreener
from jalon.integrations.screening.names import similarity
from jalon.integrations.screening.port import ScreeningListUnusable
from jalon.integrations.screening.registry import SAMPLE_LIST

HEADER = "source,entity_number,name,alt_names,addresses,citizenships\n"
ROW = (
    'Entities (EL) - Nowhere,77,"KOVALENKO, Oleg","Stalprom; Stal Prom","1 rue A, Minsk, BY; Lyon, FR","UA"\n'
)


def written(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


async def test_reads_names_aliases_and_countries(tmp_path: Path) -> None:
    screener = ListFileScreener(written(tmp_path, HEADER + ROW))
    by_name = await screener.screen(["Oleg Kovalenko"], ["BY"])
    by_alias = await screener.screen(["STALPROM LLC"], ["UA"])
    elsewhere = await screener.screen(["Stalprom"], ["CH"])
    assert [(m.list_name, m.entry_id, m.score, m.country_agrees) for m in by_name.matches] == [
        ("EL", "77", 1.0, True)
    ]
    assert by_alias.matches == by_name.matches
    assert not elsewhere.matches[0].country_agrees
    assert by_name.entries == 1


async def test_an_entry_is_reported_once_by_its_best_score(tmp_path: Path) -> None:
    screener = ListFileScreener(written(tmp_path, HEADER + ROW))
    answer = await screener.screen(["Oleh Kovalenco", "Stalprom", "O. Kovalenko"], [])
    assert [match.score for match in answer.matches] == [1.0]


async def test_needs_the_name_column_alone(tmp_path: Path) -> None:
    screener = ListFileScreener(written(tmp_path, "\ufeffname\nOleg Kovalenko\n"))
    (match,) = (await screener.screen(["Kovalenko Oleg"], ["FR"])).matches
    assert (match.list_name, match.score, match.country_agrees) == ("list", 1.0, False)
    assert len(match.entry_id) == 12


async def test_a_changed_list_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + ROW)
    screener = ListFileScreener(path)
    before = await screener.screen(["Acier Nord"], [])
    path.write_text(HEADER + ROW + "EL,78,Acier Nord,,,\n", encoding="utf-8")
    after = await screener.screen(["Acier Nord"], [])
    assert (before.matches, before.entries) == ((), 1)
    assert (after.matches[0].entry_id, after.entries) == ("78", 2)
    assert before.list_version != after.list_version


async def test_an_untouched_list_keeps_its_version(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + ROW)
    first = await ListFileScreener(path).screen([], [])
    os.utime(path, (0, 0))
    assert (await ListFileScreener(path).screen([], [])).list_version == first.list_version


@pytest.mark.rule("T6")
@pytest.mark.parametrize("content", [b"", b"name\n", b"name\n,\n", b"title\nOleg\n", b"name\n\xff\xfe\n"])
async def test_a_list_without_entries_clears_nobody(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(ScreeningListUnusable):
        await ListFileScreener(path).screen(["Oleg Kovalenko"], ["FR"])


@pytest.mark.rule("T6")
async def test_the_index_hides_nothing_that_comparing_with_every_name_finds() -> None:
    with SAMPLE_LIST.open(encoding="utf-8") as file:
        listed = [row["name"] for row in csv.DictReader(file)]
    screener = ListFileScreener(SAMPLE_LIST)
    for name in listed:
        damaged = name[:3] + name[4:]
        if similarity(damaged, name) >= 0.7:
            best = max((m.score for m in (await screener.screen([damaged], [])).matches), default=0)
            assert best >= round(similarity(damaged, name), 4), name
