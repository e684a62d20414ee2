"""The rules of one product and term (X13, P14).

Layers, weakest first: defaults, store, the store's term, product, the product's term.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

from jalon.policy.authoring.faults import FaultList, unknown_key
from jalon.policy.authoring.lines import Path
from jalon.policy.authoring.merging import layered, table_in
from jalon.policy.authoring.parsed_file import ParsedFile, read_part
from jalon.policy.model.catalog import Product
from jalon.policy.model.keys import Section, is_store_wide
from jalon.policy.model.sections import RULE_SECTIONS, Rules
from jalon.policy.model.vocabulary import is_term


def resolve(parsed: ParsedFile, faults: FaultList) -> dict[tuple[str, str], Rules]:
    """The rules of every (sku, term) sold, validated after merging. Faulty ones are recorded and left out."""
    _check_term_tables(parsed, faults)
    store_wide = _rules(parsed.rules)
    resolved: dict[tuple[str, str], Rules] = {}
    for index, product in parsed.products.items():
        _check_overrides(index, product, faults)
        for term in product.terms:
            rules = _resolve_one(parsed, index, term, store_wide, faults)
            if rules is not None:
                resolved[product.sku, term] = rules
    return resolved


def places(index: int, term: str, section: str) -> tuple[Path, ...]:
    """Where the file may write a section for a product and term, strongest first."""
    return (
        ("products", index, "overrides", "terms", term, section),
        ("products", index, "overrides", section),
        ("terms", term, section),
        (section,),
    )


def _resolve_one(
    parsed: ParsedFile, index: int, term: str, store_wide: Rules | None, faults: FaultList
) -> Rules | None:
    sections: dict[str, Section] = {}
    refined_any = False
    for name, section in RULE_SECTIONS.items():
        refinements = [found for found in _refinements(parsed, index, term, name) if found is not None]
        if not refinements:
            sections.update({name: parsed.rules[name]} if name in parsed.rules else {})
            continue
        refined_any = True
        read = read_part(
            section,
            reduce(layered, refinements, parsed.raw.get(name)),
            (name,),
            faults,
            places(index, term, name),
        )
        sections.update({name: read} if read is not None else {})
    return _rules(sections) if refined_any else store_wide


def _refinements(parsed: ParsedFile, index: int, term: str, section: str) -> Iterator[object]:
    """The refinements of a section, weakest first; None where a layer does not refine it."""
    overrides = parsed.products[index].overrides
    yield table_in(parsed.raw, "terms", term).get(section)
    yield overrides.get(section)
    yield table_in(overrides, "terms", term).get(section)


def _rules(sections: Mapping[str, Section]) -> Rules | None:
    return Rules.model_validate(dict(sections)) if len(sections) == len(RULE_SECTIONS) else None


def _check_term_tables(parsed: ParsedFile, faults: FaultList) -> None:
    for term, refinement in table_in(parsed.raw, "terms").items():
        path: Path = ("terms", term)
        if parsed.every_product_read and term not in parsed.offered_terms:
            faults.add(path, _not_offered(term, parsed.offered_terms))
        _check_refinement(refinement, path, "a term", faults)


def _check_overrides(index: int, product: Product, faults: FaultList) -> None:
    path: Path = ("products", index, "overrides")
    whole = {name: value for name, value in product.overrides.items() if name != "terms"}
    _check_refinement(whole, path, "a product", faults, (*RULE_SECTIONS, "terms"))
    for term, refinement in table_in(product.overrides, "terms").items():
        at = (*path, "terms", term)
        if term not in product.terms:
            faults.add(at, _not_offered(term, product.terms))
        _check_refinement(refinement, at, "a product", faults)


def _check_refinement(
    refinement: object, path: Path, of: str, faults: FaultList, known: tuple[str, ...] = tuple(RULE_SECTIONS)
) -> None:
    if not isinstance(refinement, Mapping):
        faults.add(path, "must be a table of sections")
        return
    for name, section in refinement.items():
        at = (*path, name)
        if name not in RULE_SECTIONS:
            faults.add(at, unknown_key(name, known))
            continue
        for key in section if isinstance(section, Mapping) else ():
            if key in RULE_SECTIONS[name].model_fields and is_store_wide(RULE_SECTIONS[name], key):
                message = f"holds for the whole store and cannot be refined for {of}: set it in [{name}]"
                faults.add((*at, key), message)


def _not_offered(term: str, offered: tuple[str, ...]) -> str:
    if not is_term(term):
        return f'"{term}" is not a term: write months, days or elapsed time, as "P1Y"'
    return f'"{term}" is not sold; terms sold: {", ".join(offered) or "none"}'
