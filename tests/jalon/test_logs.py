"""One line of JSON for each event of Jalon and of its libraries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import logging, structlog
from jalon import logs
logs.configure("info", {form!r})
structlog.get_logger("ours").info("order_placed", order="ord_1")
logging.getLogger("theirs").warning("slow %s", "answer")
structlog.get_logger("ours").debug("unseen")
try:
    raise RuntimeError("a fault")
except RuntimeError:
    structlog.get_logger("ours").exception("failed")
"""


def _said(form: str) -> list[str]:
    command = [sys.executable, "-c", PROGRAM.format(form=form)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_each_event_is_one_line_of_json() -> None:
    ours, theirs, failed = (json.loads(line) for line in _said("json"))
    assert (ours["event"], ours["order"], ours["level"], ours["logger"]) == (
        "order_placed",
        "ord_1",
        "info",
        "ours",
    )
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("slow answer", "warning", "theirs")
    assert "RuntimeError: a fault" in failed["exception"]
    assert ours["timestamp"].endswith("Z")


def test_a_person_reads_words() -> None:
    first = _said("console")[0]
    assert "order_placed" in first
    assert not first.startswith("{")
