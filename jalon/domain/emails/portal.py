"""E-mails of the portal, which are about no order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jalon.domain.emails.base import Email


@dataclass(frozen=True, kw_only=True)
class SignInCode(Email):
    """A one-time `code` to sign in to the portal with (P3). It opens nothing `minutes` after it was asked for."""

    template: ClassVar[str] = "sign_in_code"
    code: str
    minutes: int
