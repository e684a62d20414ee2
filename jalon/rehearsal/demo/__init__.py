"""`jalon demo`: one order in each store of a folder, from cart to its second renewal, through HTTP alone.

Nothing here is specific to a store. The catalog gives what to buy, for whom and where. `waiting_for` of the
order and its subscriptions gives the next action. Their agendas give how far to move the clock.
"""

from jalon.rehearsal.demo.command import main

__all__ = ["main"]
