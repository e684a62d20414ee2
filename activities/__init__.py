"""What workflows do to the world: one class per capability, one outside effect and one idempotency key per activity."""
