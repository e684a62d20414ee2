"""The lifecycle of an order."""
