"""The HTTP doors of Jalon."""
