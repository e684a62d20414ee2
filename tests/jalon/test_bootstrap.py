"""A program whose configuration has a fault ends with a sentence that names variable, key and remedy."""

from __future__ import annotations

import json
import os

import pytest

from jalon.bootstrap import Installation
from jalon.settings import PREFIX
from tests.jalon.test_settings import COMPLETE


def test_a_provider_without_a_setting_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JALON_PAYMENT_PROVIDERS", json.dumps({"sandbox": {"url": "http://127.0.0.1:1"}}))
    with pytest.raises(SystemExit) as refused:
        Installation.read_or_exit()
    said = str(refused.value.code).splitlines()
    assert said[1:] == ["  JALON_PAYMENT_PROVIDERS: sandbox.webhook_secret is missing; add it"]
