"""A payment gateway for rehearsals: a real process, a durable ledger, declines and faults on demand."""
