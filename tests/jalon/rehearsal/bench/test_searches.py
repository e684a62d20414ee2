"""The measurement of support's search, at a size that a test can fill: every order that a query names alone is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jalon.domain.searching import fold
from jalon.rehearsal.bench import main
from jalon.rehearsal.bench.searches.customers import STORES, Customers
from jalon.rehearsal.bench.searches.mix import mix

ORDERS = 400


def test_the_measurement_finds_every_order_that_a_query_names_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(
        ["search", "--orders", str(ORDERS), "--each", "16", "--json", "--out", str(tmp_path / "figures.json")]
    )
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads((tmp_path / "figures.json").read_text())
    assert (found["orders"], found["timeline_rows"], found["unseen"]) == (ORDERS, 10 * ORDERS, 0)
    assert found["search_rows"] > 10 * ORDERS
    empty = {each["name"]: each["empty"] for each in found["classes"]}
    assert empty["exact"] == empty["typo"] == 0
    assert 0 < found["search_processor_p99_ms"] <= found["search_p99_ms"]
    assert 0 < found["search_p50_ms"] <= found["search_p99_ms"] <= found["search_max_ms"]
    assert {each["name"]: each["pages"] for each in found["pages"]}.keys() == {"order", "subscription"}
    assert all(0 < each["p50_ms"] <= each["p99_ms"] for each in found["pages"])


def test_equal_seeds_make_equal_customers_and_queries() -> None:
    made = [Customers(200, 7) for _ in range(2)]
    people = [list(each.people()) for each in made]
    sales = [list(each.sales(those)) for each, those in zip(made, people, strict=True)]
    assert (people[0], sales[0]) == (people[1], sales[1])
    assert mix(sales[0], people[0], 20, 7) == mix(sales[1], people[1], 20, 7)
    assert mix(sales[0], people[0], 20, 7) != mix(sales[0], people[0], 20, 8)


def test_few_names_are_borne_by_many_and_every_address_by_one_of_a_store() -> None:
    people = list(Customers(10_000, 1).people())
    named = [each for each in people if fold(each.name).endswith("martin")]
    assert 0.04 < len(named) / len(people) < 0.1
    assert len({(each.store, each.email) for each in people}) == len(people)
    assert {each.store for each in people} == set(STORES)
