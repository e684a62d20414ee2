"""Receipts, and the state of the entity that a write addresses."""
