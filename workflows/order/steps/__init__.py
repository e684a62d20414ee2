"""The steps of an order, in the order of its lifecycle."""
