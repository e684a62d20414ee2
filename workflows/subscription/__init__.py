"""The lifecycle of a subscription."""
