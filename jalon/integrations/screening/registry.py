"""The screening providers a store may name. A provider is one file here and one line below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from jalon.integrations.screening.list_file import ListFileScreener
from jalon.integrations.screening.port import PartyScreener

SCREENERS: Mapping[str, Callable[[Path], PartyScreener]] = {
    "list_file": ListFileScreener,
}
"""Provider name to its factory, which takes the path of the list."""

SAMPLE_LIST = Path(__file__).parent / "data" / "sample_denied_parties.csv"
"""A small sample list for trials. It is not fit for real screening."""
