"""One row for each kind of entity: its workflow, and the command that opens it."""

from __future__ import annotations

from jalon.domain.kinds import ORDER, SUBSCRIPTION
from workflows.engine.lifecycle import Lifecycle
from workflows.messages import Begin
from workflows.order.commands import OpenCart
from workflows.order.workflow import OrderWorkflow
from workflows.subscription.workflow import SubscriptionWorkflow

LIFECYCLES: dict[str, Lifecycle] = {
    row.kind.name: row
    for row in (
        Lifecycle(ORDER, OrderWorkflow, OpenCart, waits=True),
        Lifecycle(SUBSCRIPTION, SubscriptionWorkflow, Begin, waits=False),
    )
}
"""The lifecycles by the name of the kind."""
