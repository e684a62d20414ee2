"""A mail server that stores every message, shows it on a page, and fails on request."""
