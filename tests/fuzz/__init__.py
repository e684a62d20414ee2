"""Requests that schemathesis makes of `/openapi.json`, with a key of each role, against a real machine: `python -m tests.fuzz`."""
