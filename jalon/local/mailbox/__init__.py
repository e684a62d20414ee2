"""A mail server that keeps every message, shows it on a page, and fails on request."""
