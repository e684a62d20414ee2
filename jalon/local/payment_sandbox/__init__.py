"""A payment gateway for sandbox stores: a real process, a durable ledger, declines and faults on demand."""
