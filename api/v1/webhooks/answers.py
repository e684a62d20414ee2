"""What a payment provider is answered."""

from __future__ import annotations

from typing import Literal

from api.http.answers import Answer


class Heard(Answer):
    """The event is kept. `request_id` names the write that it led to; None where nothing of ours waits for it."""

    heard: Literal[True] = True
    request_id: str | None
