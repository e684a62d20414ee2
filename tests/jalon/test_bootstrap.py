"""A program whose configuration has a fault ends with a sentence that names variable, key and remedy."""

from __future__ import annotations

import json
import os

import pytest

from jalon.bootstrap import Installation, audit_heads_or_exit
from jalon.settings import PREFIX, Settings
from tests.jalon.test_settings import COMPLETE


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)


def test_a_provider_without_a_setting_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JALON_PAYMENT_PROVIDERS", json.dumps({"sandbox": {"url": "http://127.0.0.1:1"}}))
    with pytest.raises(SystemExit) as refused:
        Installation.read_or_exit()
    said = str(refused.value.code).splitlines()
    assert said[1:] == ["  JALON_PAYMENT_PROVIDERS: sandbox.webhook_secret is missing; add it"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"JALON_AUDIT_KEY_FILE": "audit.key"},
            "JALON_AUDIT_HEADS_FILE is missing: the heads of the audit need a file and a key",
        ),
        (
            {"JALON_AUDIT_HEADS_FILE": "heads.jsonl"},
            "JALON_AUDIT_KEY_FILE is missing: the heads of the audit need a file and a key",
        ),
        (
            {"JALON_AUDIT_HEADS_FILE": "heads.jsonl", "JALON_AUDIT_KEY_FILE": "none.key"},
            "JALON_AUDIT_KEY_FILE: none.key cannot be read: No such file or directory",
        ),
    ],
)
def test_half_of_what_signing_takes_ends_the_program(
    given: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as refused:
        audit_heads_or_exit(Settings.read())
    assert str(refused.value.code).splitlines()[1:] == [f"  {said}"]


def test_without_a_file_and_a_key_nothing_is_signed() -> None:
    assert audit_heads_or_exit(Settings.read()) is None
