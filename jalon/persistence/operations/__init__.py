"""Rows for operators: API keys, test clocks, outages, stalled and pending work."""
