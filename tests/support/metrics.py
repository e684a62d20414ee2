"""Metrics in the form of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.support.machines import Serving
from tests.support.plain import PLAIN


def samples_in(text: str) -> Iterator[Sample]:
    """Every sample of an exposition."""
    for family in text_string_to_metric_families(text):
        yield from family.samples


def scraped(url: str) -> list[Sample]:
    """The samples that a process serves."""
    return list(samples_in(httpx.get(url, timeout=10, verify=PLAIN).raise_for_status().text))


def served_by(machine: Serving, name: str) -> list[Sample]:
    """The samples that a program of the machine serves."""
    return scraped(machine.urls[f"{name}_metrics"])


def samples_of(registry: CollectorRegistry) -> list[Sample]:
    """The samples of a registry."""
    return list(samples_in(generate_latest(registry).decode()))


def value(samples: list[Sample], name: str, **labels: str) -> float:
    """The sum of the samples with this name and at least these labels; 0 without any."""
    return sum(
        sample.value for sample in samples if sample.name == name and labels.items() <= sample.labels.items()
    )
