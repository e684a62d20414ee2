"""Renders documents to the exact bytes that are shown, signed and stored."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from jalon.domain.terms import LineTerms, StoreTerms
from jalon.integrations.mail.formats import Language, formats
from jalon.integrations.mail.words import words
from jalon.integrations.typesetting import environment


@dataclass(frozen=True, slots=True)
class ContractDocument:
    """The facts of a contract. The rendered bytes are what is shown, hashed, signed and stored."""

    language: Language
    store: StoreTerms
    line: LineTerms
    order_number: str
    subscription_number: str
    customer_name: str
    customer_address: str
    placed_at: datetime
    activate_by: datetime | None


class ContractRenderer:
    """Renders `templates/documents/contract.*`. Safe for concurrent use."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._environment = environment(templates)
        self._style = contract_style(templates)

    def render(self, document: ContractDocument) -> bytes:
        """The contract as one self-contained HTML file in UTF-8. The same facts give the same bytes."""
        context = {each.name: getattr(document, each.name) for each in fields(document)} | {
            "fmt": formats(document.language, document.store.zone),
            "words": words(self._templates, document.language),
            "style": self._style,
        }
        name = f"documents/contract.{document.language}.html.j2"
        return self._environment.get_template(name).render(context).encode()


def contract_style(templates: Path) -> str:
    """The style sheet that every contract embeds."""
    return (templates / "documents" / "contract.css").read_text("utf-8")
