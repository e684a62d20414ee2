"""The contract of every screening provider, whatever its lists; run over the whole registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from jalon.domain.compliance.export import UNREAD
from jalon.integrations.screening.port import PartyScreener, ScreeningListUnusable
from jalon.integrations.screening.registry import SAMPLE_LIST, SCREENERS


@pytest.mark.parametrize("provider", sorted(SCREENERS))
class ScreeningContract:
    def opened(self, provider: str, path: Path = SAMPLE_LIST) -> PartyScreener:
        return SCREENERS[provider](path)

    @pytest.mark.rule("T6")
    async def test_finds_a_listed_party_and_the_country_that_corroborates(self, provider: str) -> None:
        answer = await self.opened(provider).screen(["Viaduc SAS", "Gazprombank OJSC"], ["FR", "ru"])
        best = answer.matches[0]
        assert best.score >= 0.95
        assert best.country_agrees
        assert [match.score for match in answer.matches] == sorted(
            (m.score for m in answer.matches), reverse=True
        )

    async def test_a_country_elsewhere_excludes_nobody(self, provider: str) -> None:
        answer = await self.opened(provider).screen(["Gazprombank OJSC"], ["FR"])
        assert answer.matches[0].score >= 0.95
        assert not answer.matches[0].country_agrees

    async def test_answers_with_the_edition_it_asked_even_without_a_match(self, provider: str) -> None:
        screener = self.opened(provider)
        answer = await screener.screen(["Viaduc Études SAS", "Camille Arnaud"], ["FR"])
        assert [match for match in answer.matches if match.score >= 0.7] == []
        assert answer.entries > 0
        assert answer.list_version == (await screener.screen([], [])).list_version != ""

    async def test_a_match_names_the_entry_and_never_the_party(self, provider: str) -> None:
        answer = await self.opened(provider).screen(["Gazprombank OJSC"], ["RU"])
        assert all(match.list_name and match.entry_id for match in answer.matches)
        assert not any("gazprom" in (match.list_name + match.entry_id).lower() for match in answer.matches)

    @pytest.mark.rule("T6")
    @pytest.mark.parametrize("name", ["䶺䶺", "王䶺", "Oleg 䶺䶺", "\U00012000\U00012001", "王\U000323b0"])
    async def test_a_name_that_it_cannot_compare_is_told(self, provider: str, name: str) -> None:
        answer = await self.opened(provider).screen(["Viaduc SAS", name], ["FR"])
        assert answer.matches[0] == UNREAD

    @pytest.mark.rule("T6")
    @pytest.mark.parametrize(
        "name",
        [
            "Олег Коваленко",
            "محمد ع. الهاشمي",
            "王小明",
            "สมชาย อ่อนแก้ว",
            "안영희",
            "გიორგი",
            "ᲒᲘᲝᲠᲒᲘ",
            "A & B – C",
            "3M",
        ],
    )
    async def test_names_of_the_scripts_that_are_read_are_compared(self, provider: str, name: str) -> None:
        assert UNREAD not in (await self.opened(provider).screen([name], ["FR"])).matches

    @pytest.mark.rule("T6")
    async def test_a_list_that_is_missing_clears_nobody(self, provider: str, tmp_path: Path) -> None:
        with pytest.raises(ScreeningListUnusable):
            await self.opened(provider, tmp_path / "missing.csv").screen(["Viaduc SAS"], ["FR"])
