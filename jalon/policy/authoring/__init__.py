"""Reads and checks store files, and reports faults by line and key."""
