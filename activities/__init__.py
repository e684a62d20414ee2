"""The activities: one class for each capability. Each activity has one outside effect and one idempotency key."""
