"""The outside world, one registry per capability and one file per provider."""
