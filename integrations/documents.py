"""Draws up documents: the exact bytes that are shown, signed and kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.terms import LineTerms, StoreTerms


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """What a subscription's contract says."""

    order_number: str
    customer: str
    company: str | None
    line: LineTerms
    store: StoreTerms


class ContractRenderer:
    """Renders contracts from the templates folder."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates

    def render(self, facts: ContractFacts, language: str) -> bytes:
        """The contract as a self-contained HTML document in UTF-8."""
        return f"<!doctype html><title>{facts.order_number}</title>{facts.line.product}".encode()
