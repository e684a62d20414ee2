"""People: the change of what is known of a person."""
