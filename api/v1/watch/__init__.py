"""What waits against its promise, and what must never be otherwise."""
