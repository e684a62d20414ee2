"""A kind of entity for tests: a small quote, offered, then accepted or lapsed. It shows the parts of a new kind."""
