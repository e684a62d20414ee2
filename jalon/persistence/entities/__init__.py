"""Orders and subscriptions: transitions, projections, timelines and the outbox."""
