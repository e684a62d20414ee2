"""The local machine: PostgreSQL, Temporal, mailbox, payment sandbox and Jalon's own processes on one computer."""
