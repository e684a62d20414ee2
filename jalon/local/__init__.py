"""The embedded machine: PostgreSQL, Temporal, mailbox, payment sandbox and Jalon itself on one computer."""
