"""The steps of a subscription, in the order of its lifecycle."""
