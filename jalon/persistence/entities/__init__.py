"""Orders and subscriptions: their transitions, projection, timeline and outbox."""
