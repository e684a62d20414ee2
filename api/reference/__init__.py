"""Reference pages made from the code: errors and events."""
