"""Store files: read, checked, explained by line and key."""
