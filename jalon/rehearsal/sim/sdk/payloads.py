"""Values in the form of a history: the product's own converter, without its encryption."""

from __future__ import annotations

from typing import Any

from temporalio.api.common.v1 import Payload

from jalon.integrations.temporal.client import Payloads

CONVERTER = Payloads()


def payload(value: Any) -> Payload:
    """The value as the product's converter writes it, unencrypted."""
    return CONVERTER.to_payloads([value])[0]


def value(data: Payload, shape: Any) -> Any:
    """The payload's value in the given type."""
    return CONVERTER.from_payloads([data], [shape])[0]
