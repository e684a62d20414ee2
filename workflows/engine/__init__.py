"""The parts of a workflow that every kind of entity shares."""
