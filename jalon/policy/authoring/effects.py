"""Finds what a store file writes and nothing reads: keys of a section that no product and term they are for takes (X13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jalon.policy.authoring.faults import FaultList
from jalon.policy.authoring.lines import Path
from jalon.policy.authoring.parsed_file import ParsedFile
from jalon.policy.authoring.resolution import places
from jalon.policy.model.sections import Rules

Resolved = Mapping[tuple[str, str], Rules]


@dataclass(frozen=True, slots=True)
class _Switched:
    """Keys of a section that count only where another key switches them on."""

    section: str
    keys: tuple[str, ...]
    switch: str
    counts: Callable[[Rules], bool]
    everywhere: bool = False
    """Whether one product that switches them on makes them count for all, since they meet in its carts."""


_SWITCHED = (
    _Switched(
        "activation", ("window", "reminders"), "activation.steps", lambda rules: bool(rules.activation.steps)
    ),
    _Switched(
        "seats",
        ("invitation_window", "loss_warning_before"),
        "seats.user_management",
        lambda rules: rules.seats.user_management,
    ),
    _Switched(
        "renewal",
        ("stop_until", "notices_before", "stop_needs_reason", "notice_task_before", "without_notice"),
        "renewal.automatic",
        lambda rules: rules.renewal.automatic,
    ),
    _Switched(
        "export",
        ("certificate_window", "score_review", "score_block"),
        "export.certificate_required",
        lambda rules: rules.export.certificate_required,
        everywhere=True,
    ),
)


def check_effect(parsed: ParsedFile, resolved: Resolved, faults: FaultList) -> None:
    """Records each key that the file writes for products none of which takes it."""
    for switched in _SWITCHED:
        sold = list(_sold(parsed, resolved, switched.section))
        counting = [rules is None or switched.counts(rules) for rules, _ in sold]
        if switched.everywhere and any(counting):
            continue
        named: dict[Path, None] = {}
        effective: set[Path] = set()
        for counts, (_, layers) in zip(counting, sold, strict=True):
            of_layers = [(*layer, key) for layer in layers for key in switched.keys]
            named.update(dict.fromkeys(of_layers))
            effective.update(of_layers if counts else ())
        for path in named:
            if path not in effective and faults.writes(path):
                faults.add(path, f"has no effect: no product that it is for has {switched.switch}")


def _sold(
    parsed: ParsedFile, resolved: Resolved, section: str
) -> Iterator[tuple[Rules | None, tuple[Path, ...]]]:
    """The rules of every product and term, None for those that are faulty, and where the file may write a section of them."""
    for index, product in parsed.products.items():
        for term in product.terms:
            yield resolved.get((product.sku, term)), places(index, term, section)
