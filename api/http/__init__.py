"""The parts that every request uses: context, errors, idempotency, answers, metrics."""
