"""Jalon's own processes, the mailbox and the payment sandbox as programs of the local machine."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from jalon.local.ports import HOST
from jalon.local.programs import Probe, Program, always_ready
from jalon.local.temporal import polled_by

ROOT = Path(__file__).resolve().parents[2]
PAYMENT_WEBHOOK_PATH = "/v1/provider-webhooks/sandbox"


def answers(url: str) -> Probe:
    """A probe: whether a GET of this address is answered with 200."""

    def probe(_pid: int) -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except (urllib.error.URLError, OSError):
            return False

    return probe


def mailbox(data: Path, http_port: int, smtp_port: int) -> Program:
    """Receives every e-mail that Jalon sends and shows it on a page."""
    options = (
        "--http-port",
        str(http_port),
        "--smtp-port",
        str(smtp_port),
        "--data",
        str(data / "mailbox.sqlite"),
    )
    return _python(
        "mailbox", ("jalon.local.mailbox", *options), probe=answers(f"http://{HOST}:{http_port}/healthz")
    )


def payments(data: Path, port: int, api_url: str, webhook_secret: str) -> Program:
    """The payment provider of sandbox stores."""
    options = ("--port", str(port), "--data", str(data / "payments.sqlite"))
    return _python(
        "payments",
        ("jalon.local.payment_sandbox", *options, "--webhook-url", api_url + PAYMENT_WEBHOOK_PATH),
        {"SANDBOX_WEBHOOK_SECRET": webhook_secret},
        probe=answers(f"http://{HOST}:{port}/healthz"),
    )


def api(environment: Mapping[str, str], port: int) -> Program:
    """The HTTP API and the hosted pages."""
    options = ("--host", HOST, "--port", str(port))
    return _python("api", ("api", *options), environment, answers(f"http://{HOST}:{port}/readyz"))


def worker(environment: Mapping[str, str], name: str = "worker") -> Program:
    """Runs workflows and activities. It is ready when it polls Temporal for tasks."""
    address, namespace = environment["JALON_TEMPORAL_ADDRESS"], environment["JALON_TEMPORAL_NAMESPACE"]
    queue = environment["JALON_TASK_QUEUE"]
    return _python(name, ("worker",), environment, lambda pid: polled_by(address, namespace, queue, pid))


def relay(environment: Mapping[str, str]) -> Program:
    """Delivers receipts that the API has recorded but not delivered."""
    return _python("relay", ("jalon.relay",), environment)


def _python(
    name: str,
    module: tuple[str, ...],
    environment: Mapping[str, str] | None = None,
    probe: Probe = always_ready,
) -> Program:
    command = (sys.executable, "-m", *module)
    given = {**(environment or {}), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
    return Program(name, command, given, directory=ROOT, probe=probe)
