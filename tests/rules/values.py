"""Every value of policy in the files that ship, shifted by one unit: a day, an hour, a seat, a flag, an entry of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jalon.policy.authoring.loader import DEFAULTS
from jalon.policy.decisions.destinations import FLOOR
from jalon.policy.model.catalog import Document, Product
from jalon.policy.model.dated import Destination, LawfulNotice
from jalon.policy.model.keys import Section
from jalon.policy.model.sections import (
    RULE_SECTIONS,
    Audience,
    CartRule,
    Routes,
    Store,
    VendorIdentity,
)
from jalon.rehearsal.sim.edits import Edit
from tests.rules.mutations import ROOT, Mutation
from tests.rules.naming import rules_in

SECTIONS: Mapping[str, type[Section]] = {
    "store": Store,
    "store.vendor": VendorIdentity,
    "routes": Routes,
    "audiences": Audience,
    **RULE_SECTIONS,
    "cart.rules": CartRule,
    "export.destinations": Destination,
    "renewal_notices": LawfulNotice,
    "products": Product,
    "documents": Document,
}
"""The tables of a store file by their names, those of one audience as `audiences`."""
_ALIASES = {"every_product": "products", "destinations": "export.destinations"}

_HEADER = re.compile(r"^\[+([^\]]+)\]+\s*(?:#\s*(?P<comment>.*))?$")
_LINE = re.compile(r"^(?P<key>[\w.]+) = (?P<value>.+?)(?:\s+#\s*(?P<comment>.*))?$")
_DURATION = re.compile(r'"(?:P\d+[DMYW]|PT\d+[HMS]|\d+BD)"')
_COUNT = re.compile(r"\d+")
NO_LIMIT = ("[]", "{}", '["*"]')
"""Values that limit nothing, which no unit shifts."""
_TELLING = ("sku", "code", "layer", "version", "countries", "regions")
"""The keys that tell an entry of a list of tables from the others."""
_CHOICES = {
    "true": "false",
    "false": "true",
    '"activation"': '"order"',
    '"order"': '"activation"',
    '"block"': '"hold"',
    '"hold"': '"block"',
    '"same"': '"forbid_together"',
    '"forbid_together"': '"same"',
    '"wait"': '"charge"',
    '"charge"': '"wait"',
}


@dataclass(frozen=True, slots=True)
class Value:
    """One line of a file: the key of `section` with the text of its value, and the rules that the line or its table names."""

    file: Path
    number: int
    place: str
    section: str
    key: str
    text: str
    rules: tuple[str, ...]

    @property
    def name(self) -> str:
        """The key of the schema: "renewal.stop_until"."""
        return f"{self.section}.{self.key}"


def files() -> list[Path]:
    """The files that hold policy: the stores that ship, what they need not say, and the floor under all."""
    return [*sorted((ROOT / "stores").glob("*.toml")), DEFAULTS, FLOOR]


def values() -> Iterator[Value]:
    """Each value of each file whose key is one of the schema."""
    for file in files():
        yield from _values_of(file)


def _values_of(file: Path) -> Iterator[Value]:
    heading, quoted = _Heading(), False
    for number, line in enumerate(file.read_text("utf-8").splitlines()):
        was_quoted, quoted = quoted, quoted ^ (line.count('"""') % 2 == 1)
        if was_quoted or '"""' in line:
            continue
        if found := _HEADER.match(line):
            heading = heading.next(line, found[1], found["comment"] or "")
        elif found := _LINE.match(line):
            key = found["key"].partition(".")[0]
            heading = heading.with_entry(key, found["value"])
            section = _section_of(heading.table)
            if section is not None and key in SECTIONS[section].model_fields:
                rules = rules_in(found["comment"] or "") or rules_in(heading.comment) or _of_key(section, key)
                place = f"{file.stem} {heading.place}.{found['key']}"
                yield Value(file, number, place, section, key, found["value"], rules)


@dataclass(frozen=True, slots=True)
class _Heading:
    """The table that a line stands in. `entry` is what tells it from others of its name."""

    table: str = ""
    comment: str = ""
    entry: str = ""
    listed: bool = False

    @property
    def place(self) -> str:
        """The table as a mutation's name has it: "products(tool-fleet)"."""
        return f"{self.table}({self.entry})" if self.entry else self.table

    def next(self, line: str, table: str, comment: str) -> _Heading:
        """The heading after this one; a table of an entry keeps what tells the entry."""
        kept = self.entry if not line.startswith("[[") and table.startswith("products.") else ""
        return _Heading(table, comment, kept, listed=line.startswith("[["))

    def with_entry(self, key: str, text: str) -> _Heading:
        """The heading once a line was read that tells its entry."""
        if not self.listed or key not in _TELLING or (self.entry and key != "version"):
            return self
        return replace(self, entry=" ".join(filter(None, (self.entry, re.sub(r'["\[\]]', "", text)))))


def _of_key(section: str, key: str) -> tuple[str, ...]:
    """The rules that the schema names beside a key, or else of its table."""
    described = SECTIONS[section].model_fields[key].description or ""
    return rules_in(described) or rules_in((SECTIONS[section].__doc__ or "").partition("\n")[0])


def _section_of(header: str) -> str | None:
    """The table of the schema that a header is about; a refined one is that of the store."""
    name = re.sub(r'^(products\.overrides\.)?(terms\."?\w+"?\.)?', "", header)
    name = "audiences" if name.startswith("audiences.") else _ALIASES.get(name, name)
    return name if name in SECTIONS else None


def value_mutations(rules_of: Mapping[str, list[str]], without_rule: Mapping[str, str]) -> Iterator[Mutation]:
    """The shifts of each value that a rule speaks of: one that `rules_of` gives its key, or that the value's line or key names.

    `without_rule` holds keys of the schema, and single values, of which no rule speaks.
    """
    for value in values():
        if not {value.name, value.place} & set(without_rule):
            rules = tuple(rules_of.get(value.name, value.rules))
            for told, shifted in shifts(value.text, widened=value.name == "audiences.terms"):
                yield Mutation(f"{value.place}{told}", rules, _edit(value, shifted))


def _edit(value: Value, shifted: str) -> Edit:
    text = value.file.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    lines[value.number] = lines[value.number].replace(value.text, shifted, 1)
    return Edit(str(value.file.relative_to(ROOT)), text, "".join(lines))


def shifts(text: str, *, widened: bool = False) -> Iterator[tuple[str, str]]:
    """The ways in which a value is shifted, each with what it is called in the mutation's name; `widened`: a list by each other term."""
    if widened and text not in NO_LIMIT:
        yield from _terms_added(text)
    elif text in _CHOICES:
        yield "", _CHOICES[text]
    elif text.startswith("[") and text not in NO_LIMIT:
        yield from _entries_shifted(text)
    elif _DURATION.fullmatch(text) or text.isdigit():
        yield "", _one_more(text)
    elif re.fullmatch(r"\d+\.\d+", text):
        yield "", f"{float(text) + 0.01:.2f}"
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        yield "", text[:-2] + f"{int(text[-2:]) % 28 + 1:02}"
    elif "@" in text or text.startswith('"https://'):
        yield "", re.sub(r"(@|//)", r"\1other.", text, count=1)


def _entries_shifted(text: str) -> Iterator[tuple[str, str]]:
    """A list of durations with each of them shifted in turn; another list without each of its entries in turn."""
    entries = [each.strip() for each in text[1:-1].split(",") if each.strip()]
    if text.startswith("[["):
        yield "", text.replace(", ", "], [", 2).replace("], [[", "], [", 1)
        return
    for index, entry in enumerate(entries):
        before, after = entries[:index], entries[index + 1 :]
        if _DURATION.fullmatch(entry) and not entry.endswith(('Y"', 'M"')):
            yield f"[{index}]", f"[{', '.join([*before, _one_more(entry), *after])}]"
        elif len(entries) == 1:
            yield "", _another(entry)
        elif len(entries) > 1:
            yield f" without {entry.strip(chr(34))}", f"[{', '.join([*before, *after])}]"


def _one_more(text: str) -> str:
    return _COUNT.sub(lambda count: str(int(count[0]) + 1), text, count=1)


def _terms_added(text: str) -> Iterator[tuple[str, str]]:
    for term in ("P1Y", "P3M", "P1M"):
        if f'"{term}"' not in text:
            yield f" with {term}", f'{text[:-1]}, "{term}"]'


def _another(entry: str) -> str:
    """A list of one entry that is another one: another country, the other kind of licence, or anything."""
    if re.fullmatch(r'"[A-Z]{2}"', entry):
        return '["AQ"]'
    return '["floating"]' if entry == '"individual"' else '["*"]'
