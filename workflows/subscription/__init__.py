"""The life of a subscription."""
