"""Providers outside Jalon: one registry for each capability and one file for each provider."""
