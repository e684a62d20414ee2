"""The base of every payment provider's settings: unknown keys are refused, and secrets are not printed."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr


class ProviderSettings(BaseModel):
    """The base of a provider's settings: one field per key of its object in JALON_PAYMENT_PROVIDERS."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return url.rstrip("/")


def _signing_secret(secret: SecretStr) -> SecretStr:
    try:
        base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("must be whsec_ and base64") from None
    return secret


Address = Annotated[str, AfterValidator(_address)]
"""An address without a trailing slash."""
WebhookSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]
"""The secret that signs a provider's webhooks, in the form of Standard Webhooks: whsec_ and base64."""
