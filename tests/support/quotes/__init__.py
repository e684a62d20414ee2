"""A kind of its own, as a fifth of a quote: offered, then accepted or expired. It shows what a new kind takes."""
