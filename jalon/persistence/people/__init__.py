"""People and what they told us, under a key per person."""
