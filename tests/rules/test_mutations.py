"""The mutations of `make rules`: none is missing, each can be planted, and a test names a rule of each."""

from __future__ import annotations

import pytest

from tests.rules.decisions import decisions
from tests.rules.every import mutations, unproved
from tests.rules.mutations import ROOT, Witnesses, planted
from tests.rules.naming import rules_in
from tests.rules.selection import rules_named
from tests.rules.values import NO_LIMIT, SECTIONS, shifts, value_mutations, values

WITHOUT_RULE = planted()["without_rule"]
RULES_OF = planted()["rules_of"]


def test_each_mutation_can_be_planted_where_it_stands_once() -> None:
    for mutation in mutations():
        source = (ROOT / mutation.edit.file).read_text("utf-8")
        changed = mutation.edit.apply(source)
        assert changed != source, mutation.name
        if mutation.edit.file.endswith(".py"):
            compile(changed, mutation.edit.file, "exec")


def test_no_two_mutations_have_one_name() -> None:
    names = [each.name for each in mutations()]
    assert sorted(set(names)) == sorted(names)


def test_every_mutation_serves_a_rule_that_a_test_names() -> None:
    named = rules_named()
    assert {each.name for each in mutations() if not set(each.rules) & named} == set()


def test_every_rule_that_a_test_names_has_a_mutation_or_is_listed_as_unproved() -> None:
    mutated = {rule for each in mutations() for rule in each.rules}
    assert rules_named() - mutated - set(unproved()) == set()


def test_every_key_of_a_store_file_is_shifted_or_said_to_serve_no_rule() -> None:
    shifted = {value.name for value in values() if any(shifts(value.text))}
    keys = {f"{table}.{key}" for table, section in SECTIONS.items() for key in section.model_fields}
    assert keys - shifted - set(WITHOUT_RULE["values"]) == set()
    assert set(WITHOUT_RULE["values"]) - keys - {value.place for value in values()} == set()


def test_every_value_that_ships_is_shifted_or_said_to_serve_no_rule() -> None:
    mutated = {each.name for each in value_mutations(RULES_OF["values"], WITHOUT_RULE["values"])}
    still = {
        value.place
        for value in values()
        if not {value.name, value.place} & set(WITHOUT_RULE["values"])
        and value.text not in NO_LIMIT
        and not any(name.startswith(value.place) for name in mutated)
    }
    assert still == set()


def test_every_decision_serves_a_rule_or_is_said_to_serve_none() -> None:
    places = {place for each in decisions() for place in (each.file, each.place)}
    assert {*WITHOUT_RULE["decisions"], *RULES_OF["decisions"]} - places == set()
    assert {each.name for each in mutations() if not each.rules} == set()


def test_witnesses_are_of_mutations_that_there_are() -> None:
    assert set(Witnesses.read().all) - {each.name for each in mutations()} == set()


@pytest.mark.parametrize(
    ("text", "rules"),
    [("H1 to H5", 5), ("(H1–H5, X1)", 6), ("T2", 1), ("(D17, X4)", 2), ("ISO 3166-1, P1Y, PT72H, UTF8", 0)],
)
def test_the_rules_in_a_text(text: str, rules: int) -> None:
    assert len(rules_in(text)) == rules


@pytest.mark.parametrize(
    ("text", "shifted"),
    [
        ('"P90D"', ['"P91D"']),
        ('"PT72H"', ['"PT73H"']),
        ('"2BD"', ['"3BD"']),
        ("true", ["false"]),
        ("50", ["51"]),
        ("0.70", ["0.71"]),
        ('["P30D", "P7D"]', ['["P31D", "P7D"]', '["P30D", "P8D"]']),
        ('["US", "CA"]', ['["CA"]', '["US"]']),
        ('"a@b.example.com"', ['"a@other.b.example.com"']),
        ('["US"]', ['["AQ"]']),
        ('["company"]', ['["*"]']),
        ('["*"]', []),
        ('"FR"', []),
    ],
)
def test_a_value_is_shifted_by_one_unit(text: str, shifted: list[str]) -> None:
    assert [to for _, to in shifts(text)] == shifted
