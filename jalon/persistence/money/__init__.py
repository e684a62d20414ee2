"""The ledgers of payments and e-mails."""
