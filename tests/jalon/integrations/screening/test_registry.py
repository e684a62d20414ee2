"""Every registered provider keeps the contract."""

from __future__ import annotations

from jalon.integrations.screening.registry import SAMPLE_LIST, SCREENERS
from tests.jalon.integrations.screening.contract import ScreeningContract


class TestScreeningContract(ScreeningContract):
    """The contract, collected here over the registry."""


def test_the_sample_says_that_it_is_one() -> None:
    assert SCREENERS
    assert "sample" in SAMPLE_LIST.name
    assert "**sample for trying Jalon out**" in (SAMPLE_LIST.parent / "README.md").read_text()
