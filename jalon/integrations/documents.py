"""Renders documents to the exact bytes that are shown, signed and stored."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jalon.domain.signatures import Signature
from jalon.domain.terms import LineTerms, StoreTerms, TermsDocument
from jalon.domain.vendors import Vendor
from jalon.integrations.mail.formats import Language, formats
from jalon.integrations.mail.words import words
from jalon.integrations.typesetting import environment

END_OF_TEXT = b"</body>"


@dataclass(frozen=True, slots=True)
class Annex:
    """One layer of the terms that apply. `title` and `text` are None where the text of that version is not kept."""

    layer: str
    version: str
    sha256: str
    title: str | None = None
    text: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ContractDocument:
    """The facts of a contract. The rendered bytes are what is shown, hashed, signed and stored."""

    language: Language
    vendor: Vendor
    store: StoreTerms
    line: LineTerms
    annexes: tuple[Annex, ...]
    order_number: str
    subscription_number: str
    customer_name: str
    customer_address: str
    placed_at: datetime
    activate_by: datetime | None


@dataclass(frozen=True, slots=True)
class SignatureRecord:
    """What the signed copy adds to the contract. `evidence` is the id of the vendor's own record of the signature."""

    language: Language
    zone: str
    signature: Signature
    signed_at: datetime
    document_sha256: str
    terms: tuple[TermsDocument, ...]
    evidence: str


class ContractRenderer:
    """Renders `templates/documents/`. Safe for concurrent use."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._environment = environment(templates)
        self._style = contract_style(templates)

    def render(self, document: ContractDocument) -> bytes:
        """The contract as one self-contained HTML file in UTF-8. The same facts give the same bytes."""
        spoken = {"style": self._style}
        return self._rendered("contract", document, document.language, document.store.zone, spoken)

    def signed(self, contract: bytes, record: SignatureRecord) -> bytes:
        """The signed copy: the very bytes that were signed, with the signature's record before the end of their text."""
        local = {"signed_at_local": record.signed_at.astimezone(ZoneInfo(record.zone))}
        added = self._rendered("signature", record, record.language, record.zone, local)
        end = contract.rindex(END_OF_TEXT)
        return contract[:end] + added + contract[end:]

    def _rendered(
        self, name: str, facts: object, language: Language, zone: str, more: dict[str, Any]
    ) -> bytes:
        context = {each.name: getattr(facts, each.name) for each in fields(facts)}  # type: ignore[arg-type]
        context |= {"fmt": formats(language, zone), "words": words(self._templates, language)} | more
        template = self._environment.get_template(f"documents/{name}.{language}.html.j2")
        return template.render(context).encode()


def contract_style(templates: Path) -> str:
    """The style sheet that every contract embeds."""
    return (templates / "documents" / "contract.css").read_text("utf-8")
