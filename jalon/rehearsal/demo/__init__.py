"""`jalon demo`: one order in each store of a folder, from cart to its second renewal, through HTTP alone.

Nothing here knows a store: what to buy, for whom and where is read from the catalog, what to do next from what the order
and its subscriptions say they wait for, and how far to move the clock from their agendas.
"""

from jalon.rehearsal.demo.command import main

__all__ = ["main"]
