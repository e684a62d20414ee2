"""Settings of providers are accepted whole or refused whole, with provider, key and remedy, and without secrets."""

from __future__ import annotations

import pytest

from jalon.integrations.payments.registry import ProvidersMisconfigured, configure
from tests.jalon.local.payment_sandbox_process import WEBHOOK_SECRET

COMPLETE = {"url": "http://127.0.0.1:9/", "webhook_secret": WEBHOOK_SECRET}


@pytest.mark.parametrize(
    ("name", "keys", "said"),
    [
        (
            "teleport",
            COMPLETE,
            'teleport: no payment provider "teleport"; name one of sandbox, or say which it is with "kind"',
        ),
        (
            "paris",
            COMPLETE | {"kind": "teleport"},
            'paris.kind: no payment provider "teleport"; it is one of sandbox',
        ),
        ("sandbox", {"webhook_secret": WEBHOOK_SECRET}, "sandbox.url is missing; add it"),
        ("sandbox", {"url": "http://127.0.0.1:9"}, "sandbox.webhook_secret is missing; add it"),
        ("sandbox", COMPLETE | {"url": "localhost"}, "sandbox.url: must begin with http:// or https://"),
        (
            "sandbox",
            COMPLETE | {"webhook_secret": "sesame!"},
            "sandbox.webhook_secret: must be whsec_ and base64",
        ),
        (
            "sandbox",
            COMPLETE | {"uri": "http://127.0.0.1:9"},
            "sandbox.uri is no setting here; it takes url, webhook_secret, connect_timeout, read_timeout",
        ),
    ],
)
def test_a_fault_names_provider_key_and_way_out(name: str, keys: dict[str, object], said: str) -> None:
    with pytest.raises(ProvidersMisconfigured) as refused:
        configure({"fine": COMPLETE | {"kind": "sandbox"}, name: keys})
    assert refused.value.faults == (said,)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ProvidersMisconfigured) as refused:
        configure({"sandbox": {"webhook_secret": "sesame!"}, "teleport": {}})
    assert len(refused.value.faults) == 3
    assert "sesame" not in str(refused.value)


def test_one_kind_is_opened_under_several_names() -> None:
    configured = configure({"sandbox": COMPLETE, "paris": COMPLETE | {"kind": "sandbox", "read_timeout": 2}})
    assert set(configured) == {"sandbox", "paris"}
    assert configured["sandbox"].kind is configured["paris"].kind
    assert configured["sandbox"].settings != configured["paris"].settings
    assert WEBHOOK_SECRET not in repr(configured)
