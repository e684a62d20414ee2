"""Receipts go to the workflow of their kind."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from typing import Any, cast

import pytest
from temporalio.client import Client

from activities.dispatching import EntityClosed
from jalon.inbox.dispatch import CommandDispatcher, KindUnknown
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.inbox.test_receipts import record, request
from tests.support.machines import Serving
from workflows.lifecycles import LIFECYCLES


async def test_a_receipt_of_a_kind_that_this_process_does_not_know_is_named(
    sessions: Sessions, here: str, entity: str
) -> None:
    """The relay logs it and leaves the receipt open, for a process of the release that knows the kind."""
    taken = await record(sessions, request(here, entity))
    assert taken is not None
    dispatcher = CommandDispatcher(cast(Any, None), sessions, "queue", {})
    with pytest.raises(KindUnknown, match="no lifecycle of kind order"):
        await dispatcher.dispatch([taken], live=False, timeout=1)


async def test_an_order_that_cannot_be_begun_leaves_nothing_in_the_log(
    machine: Serving, sessions: Sessions, here: str, entity: str
) -> None:
    """The client keeps the failure for whoever asks for the workflow, and asyncio logs what nobody took."""
    taken = await record(sessions, replace(request(here, entity), command="open_cart"))
    assert taken is not None
    client = await Client.connect(machine.environment["JALON_TEMPORAL_ADDRESS"], namespace="nowhere")
    dispatcher = CommandDispatcher(client, sessions, "nobody-polls", LIFECYCLES)
    logged: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    failed = False
    try:
        await dispatcher.dispatch([taken], live=False, timeout=5)
    except EntityClosed:
        failed = True
    assert failed
    gc.collect()
    assert logged == []
