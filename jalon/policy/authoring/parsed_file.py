"""Reads a store file part by part, so that one faulty part does not hide the faults of the others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from jalon.policy.authoring.faults import FaultList, error_message, error_path, unknown_key
from jalon.policy.authoring.lines import Path
from jalon.policy.authoring.merging import Table, table_in
from jalon.policy.model.catalog import Document, Product
from jalon.policy.model.keys import Section
from jalon.policy.model.sections import RULE_SECTIONS, Audience, Routes, Store
from jalon.policy.model.vocabulary import fault_in_name

SCHEMA_VERSION = 1
ROOT_KEYS = (
    "schema_version",
    "store",
    "routes",
    "audiences",
    *RULE_SECTIONS,
    "terms",
    "every_product",
    "products",
    "documents",
)

Part = TypeVar("Part", bound=Section)


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """The parts of a merged store file that could be read. Faulty parts are None or left out; keys are positions in the file."""

    raw: Table
    store: Store | None
    routes: Routes | None
    audiences: Mapping[str, Audience]
    rules: Mapping[str, Section]
    products: Mapping[int, Product]
    documents: Mapping[int, Document]

    @property
    def every_product_read(self) -> bool:
        """Whether every product could be read, so that a product that is missing here is missing from the file."""
        return self._read_all("products", self.products)

    @property
    def every_document_read(self) -> bool:
        """Whether every document of the terms of sale could be read."""
        return self._read_all("documents", self.documents)

    @property
    def every_audience_read(self) -> bool:
        """Whether every audience could be read."""
        return len(self.audiences) == len(table_in(self.raw, "audiences"))

    @property
    def offered_terms(self) -> tuple[str, ...]:
        """Every term for which some product is sold."""
        return tuple(dict.fromkeys(term for product in self.products.values() for term in product.terms))

    def _read_all(self, key: str, read: Mapping[int, Section]) -> bool:
        written = self.raw.get(key)
        return isinstance(written, list) and 0 < len(written) == len(read)


def read_parsed_file(raw: Table, faults: FaultList) -> ParsedFile:
    """Validates every part of a merged file on its own and records each fault."""
    for key in raw:
        if key not in ROOT_KEYS:
            faults.add((key,), unknown_key(key, ROOT_KEYS))
    if raw.get("schema_version") != SCHEMA_VERSION:
        faults.add(
            ("schema_version",), f"write schema_version = {SCHEMA_VERSION}, the version this Jalon reads"
        )
    return ParsedFile(
        raw=raw,
        store=read_part(Store, raw.get("store", {}), ("store",), faults),
        routes=read_part(Routes, raw.get("routes", {}), ("routes",), faults),
        audiences=_read_audiences(raw, faults),
        rules=_read_rules(raw, faults),
        products=_read_list(Product, raw, "products", faults),
        documents=_read_list(Document, raw, "documents", faults),
    )


def read_part(
    part: type[Part], value: object, path: Path, faults: FaultList, places: Iterable[Path] = ()
) -> Part | None:
    """`value` as a `part`, or None with its faults recorded. `places` are where the file may write it."""
    try:
        return part.model_validate_json(canonical_json(value), strict=True)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            at = error_path(error)
            faults.add(path + at, error_message(part, error), [place + at for place in places])
        return None


def canonical_json(value: object) -> bytes:
    """The canonical JSON of a value: sorted keys, no spaces, dates in ISO 8601, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def _read_audiences(raw: Table, faults: FaultList) -> dict[str, Audience]:
    audiences: dict[str, Audience] = {}
    if not table_in(raw, "audiences"):
        faults.add(("audiences",), "a store names one audience or more, each in a table [audiences.NAME]")
    for name, value in table_in(raw, "audiences").items():
        fault = fault_in_name(name)
        if fault is not None:
            faults.add(("audiences", name), fault)
        audience = read_part(Audience, value, ("audiences", name), faults)
        if audience is not None:
            audiences[name] = audience
    return audiences


def _read_rules(raw: Table, faults: FaultList) -> dict[str, Section]:
    rules: dict[str, Section] = {}
    for name, section in RULE_SECTIONS.items():
        read = read_part(section, raw.get(name, {}), (name,), faults)
        if read is not None:
            rules[name] = read
    return rules


def _read_list(part: type[Part], raw: Table, key: str, faults: FaultList) -> dict[int, Part]:
    values = raw.get(key)
    if not isinstance(values, list) or not values:
        faults.add((key,), f"a store has one table [[{key}]] or more")
        return {}
    parts: dict[int, Part] = {}
    for index, value in enumerate(values):
        path = (key, index)
        read = read_part(part, value, path, faults, (path, ("every_product",)) if part is Product else ())
        if read is not None:
            parts[index] = read
    return parts
