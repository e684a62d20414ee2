"""Steps, and parts of steps, that every kind of entity uses."""
