"""What every request shares: context, errors, idempotency, answers, metrics."""
