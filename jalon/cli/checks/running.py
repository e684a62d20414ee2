"""What the doctor asks of Jalon while it runs: readiness, stuck work, relay, worker, mail, payments, clock."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from jalon.cli.checks.database import of_the_database
from jalon.cli.checks.finding import PATIENCE, Finding, of_the_clock
from jalon.cli.checks.mail import of_the_mail_server
from jalon.cli.spans import span_of
from jalon.client import operations
from jalon.client.conversation import Manner
from jalon.client.errors import ApiError, NotAnswered
from jalon.client.sync import Client
from jalon.local.folder import MachineFolder
from jalon.local.ports import HOST

SWEPT_WITHIN, POLLED_WITHIN, RELAYED_WITHIN, PENDING_WITHIN = 30.0, 180.0, 60.0, 300.0
"""The ages, in seconds, from which docs/operations.md raises an alert: last sweep, last poll, undelivered and pending receipts."""
NAMESPACE, TASK_QUEUE = "jalon", "jalon"
"""Those of the machine's own Temporal."""


Look = Callable[[], Sequence[Finding]]
CAUSES_READ = 100


def of_a_running_machine(folder: MachineFolder) -> Iterator[Look]:
    """The looks at each part of the machine in this folder, which runs."""
    yield lambda: [Finding("machine", f"{folder.path} runs")]
    urls, logs = folder.addresses, folder.path / "logs"
    if "api" not in urls:
        yield lambda: [
            Finding("api", "the machine is still starting", "wait until `jalon up` prints the addresses")
        ]
        return
    yield lambda: list(of_the_api(urls["api"], folder.keys.get("ops"), _see(logs, "api")))
    if "JALON_DATABASE_URL" not in os.environ:
        yield lambda: list(of_the_database(folder.database_url or "", _see(logs, "postgres")))
    if "JALON_TEMPORAL_ADDRESS" not in os.environ:
        yield lambda: _temporal(f"{HOST}:{folder.ports['temporal']}", _see(logs, "temporal"))
    yield lambda: [_relay(_figures(urls["relay_metrics"]), _see(logs, "relay"))]
    yield lambda: [_worker(_figures(urls["worker_metrics"]), _see(logs, "worker"))]
    if "JALON_SMTP_HOST" not in os.environ:
        yield lambda: list(of_the_mail_server(HOST, folder.ports["smtp"], "none", _see(logs, "mailbox")))
        yield lambda: [Finding("sender", "not asked: the machine's mailbox catches every e-mail")]
    if "JALON_PAYMENT_PROVIDERS" not in os.environ:
        yield lambda: [_payments(urls["payments"], _see(logs, "payments"))]


def _temporal(address: str, way_out: str) -> list[Finding]:
    from jalon.cli.checks.engine import of_temporal  # noqa: PLC0415 (the engine's client is slow to load)
    from jalon.integrations.temporal.client import TemporalServer  # noqa: PLC0415

    return of_temporal(TemporalServer(address, NAMESPACE), TASK_QUEUE, way_out)


def of_the_api(url: str, key: str | None, way_out: str) -> Iterator[Finding]:
    """Whether the API is ready, what is stuck, and how far this computer's clock is from its."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=PATIENCE + 1)
        ready = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
        yield Finding("api", f"{url} does not answer: {type(fault).__name__}", way_out)
        return
    yield Finding("api", f"{url} answers")
    for part in ("database", "temporal"):
        said = str(ready.get(part))
        mend = f"start it, or mend the way to it; {way_out}"
        yield Finding(f"api's {part}", said, None if said == "ok" else mend)
    yield _clock(answer.headers.get("date"))
    if key is not None:
        yield _stuck(url, key, way_out)


def _see(logs: Path, name: str) -> str:
    return f"read the end of {logs / f'{name}.log'}, then stop `jalon up` and start it again"


def _clock(date: str | None) -> Finding:
    if date is None:
        return Finding("clock", "the API does not tell its time")
    seconds = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    return of_the_clock("clock", seconds, "the API's")


def _stuck(url: str, key: str, way_out: str) -> Finding:
    try:
        with Client(url, key, Manner(patience=PATIENCE)) as client:
            causes = client.send(operations.causes(limit=CAUSES_READ))["data"]
    except ApiError as fault:
        return Finding(
            "stuck", fault.text.splitlines()[0], "give a key of role ops, support or admin with --key"
        )
    except NotAnswered as fault:
        return Finding("stuck", fault.text, way_out)
    if not causes:
        return Finding("stuck", "nothing is parked, stalled or failing, and no e-mail is undeliverable")
    counts = Counter[str]()
    for each in causes:
        counts[each["kind"]] += each["count"]
    kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in counts.items())
    said = "; ".join(f"{each['count']} at {each['step']}: {each['words'].rstrip('.')}" for each in causes[:3])
    fact = f"{kinds} ({said}{'; …' if causes[3:] else ''}){_nearest(causes)}"
    return Finding("stuck", fact, "`jalon causes` lists them, with the way out of each")


def _nearest(causes: Sequence[Mapping[str, Any]]) -> str:
    """The deadline that is hit first by what is stuck, in words."""
    left = [each["nearest_deadline"]["seconds"] for each in causes if each["nearest_deadline"]]
    return f"; the nearest deadline in {span_of(max(0.0, min(left)))}" if left else ""


@dataclass(frozen=True, slots=True)
class _Figures:
    """The figures that a process serves, by name, the oldest instant or greatest number of each; None where it serves none."""

    values: Mapping[str, float] | None

    def age(self, name: str) -> float | None:
        """The seconds since the instant of this name; None where it has not come yet."""
        at = (self.values or {}).get(name)
        return None if at is None or at == 0 else max(0.0, time.time() - at)


def _figures(url: str) -> _Figures:
    try:
        text = httpx.get(url, timeout=PATIENCE + 2).raise_for_status().text
    except httpx.HTTPError:
        return _Figures(None)
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = min(sample.value, found.get(sample.name, sample.value))
    return _Figures(found)


def _relay(figures: _Figures, way_out: str) -> Finding:
    if figures.values is None:
        return Finding("relay", "does not answer, so messages between entities wait", way_out)
    swept = figures.age("jalon_relay_last_sweep_timestamp_seconds")
    pending, waits = (
        figures.values.get(f"jalon_receipts_pending{end}", 0.0) for end in ("", "_oldest_seconds")
    )
    left, undelivered = (
        figures.values.get(f"jalon_relay_undelivered{end}", 0.0) for end in ("", "_oldest_seconds")
    )
    fact = f"swept {_seconds(swept)} ago; {_receipts(pending, waits)} pending, {_receipts(left, undelivered)} to deliver"
    if swept is None or swept > SWEPT_WITHIN:
        return Finding("relay", fact, way_out)
    if undelivered > RELAYED_WITHIN or waits > PENDING_WITHIN:
        return Finding(
            "relay", fact, "see whether worker and Temporal run: they take what the relay delivers"
        )
    return Finding("relay", fact)


def _worker(figures: _Figures, way_out: str) -> Finding:
    if figures.values is None:
        return Finding("worker", "does not answer, so nothing is decided, paid or mailed", way_out)
    polled, started = (
        figures.age(name)
        for name in ("jalon_worker_last_poll_timestamp_seconds", "process_start_time_seconds")
    )
    if polled is None and started is not None and started < POLLED_WITHIN:
        return Finding("worker", f"started {_seconds(started)} ago; Temporal has not reported its polls yet")
    late = polled is None or polled > POLLED_WITHIN
    return Finding("worker", f"asked for work {_seconds(polled)} ago", way_out if late else None)


def _payments(url: str, way_out: str) -> Finding:
    try:
        httpx.get(f"{url}/healthz", timeout=PATIENCE).raise_for_status()
    except httpx.HTTPError as fault:
        return Finding("payments", f"the sandbox does not answer at {url}: {type(fault).__name__}", way_out)
    return Finding("payments", f"the sandbox answers at {url}")


def _seconds(age: float | None) -> str:
    return "never" if age is None else f"{age:.0f} s"


def _receipts(count: float, age: float) -> str:
    return f"{count:.0f} receipts" + (f" (the oldest {age:.0f} s)" if count else "")
