"""PostgreSQL: receipts, projections, ledgers and personal data. Only `sessions` commits."""
