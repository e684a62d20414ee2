"""The figures as a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

WAYS = (("the spine", ""), ("plain", "baseline_"), ("plain, bundled", "bundled_"))
LINES = (
    ("orders a second", "orders_per_second"),
    ("billable actions an order", "actions_per_order"),
    ("history events an order", "history_events_per_order"),
    ("history bytes an order", "history_bytes_per_order"),
    ("workflow tasks an order", "workflow_tasks_per_order"),
    ("SQL statements an order", "sql_statements_per_order"),
    ("placing, p50 ms", "place_p50_ms"),
    ("placing, p99 ms", "place_p99_ms"),
    ("bare start meanwhile, p50 ms", "start_p50_ms"),
    ("bare start meanwhile, p99 ms", "start_p99_ms"),
)


def table(found: Mapping[str, Any]) -> RenderableType:
    """What `Figures.as_dict` holds."""
    grid = Table(title="cart to active", title_justify="left", show_edge=False, pad_edge=False)
    grid.add_column("")
    for name, _ in WAYS:
        grid.add_column(name, justify="right")
    for label, key in LINES:
        grid.add_row(label, *(_shown(found[prefix + key]) for _, prefix in WAYS))
    grid.add_row(
        "processor ms an order",
        *(_shown(found[f"{prefix}processor_ms_per_order"]["all"]) for _, prefix in WAYS),
    )
    grid.add_row("the spine is faster", "", f"{found['ratio']} ×", f"{found['bundled_ratio']} ×")
    grid.add_row(
        "by processor time", "", f"{found['processor_ratio']} ×", f"{found['bundled_processor_ratio']} ×"
    )
    return Group(grid, Text(), *(Text(line) for line in _notes(found)))


def _notes(found: Mapping[str, Any]) -> list[str]:
    rounds = ", ".join(f"{ratio}" for ratio in found["ratios"])
    load = f"{found['orders']} orders each way, {found['concurrency']} at a time"
    lines = [
        f"{load}; {found['processors']} processors, load {found['load_before']} before",
        f"the spine's advantage over the plain way, round by round: {rounds}",
    ]
    if found["actions_per_renewal_term"] is not None:
        lines.append(f"a renewal term takes {found['actions_per_renewal_term']} actions")
    lines.append(
        f"rows, mails and charges of all {found['orders_compared']} orders agree"
        if found["ok"]
        else "THE WAYS DO NOT AGREE:"
    )
    return [*lines, *found["faults"]]


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"
