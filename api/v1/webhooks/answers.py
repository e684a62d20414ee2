"""The answer to a payment provider."""

from __future__ import annotations

from typing import Literal

from api.http.answers import Answer


class Heard(Answer):
    """The event is stored. `request_id` names the write that it caused; None where no payment waits for it."""

    heard: Literal[True] = True
    request_id: str | None
