"""Receipts go to the workflow of their kind."""

from __future__ import annotations

from typing import Any, cast

import pytest

from jalon.inbox.dispatch import CommandDispatcher, KindUnknown
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.inbox.test_receipts import record, request


async def test_a_receipt_of_a_kind_that_this_process_does_not_know_is_named(
    sessions: Sessions, here: str, entity: str
) -> None:
    """The relay logs it and leaves the receipt open, for a process of the release that knows the kind."""
    taken = await record(sessions, request(here, entity))
    assert taken is not None
    dispatcher = CommandDispatcher(cast(Any, None), sessions, "queue", {})
    with pytest.raises(KindUnknown, match="no lifecycle of kind order"):
        await dispatcher.dispatch([taken], live=False, timeout=1)
