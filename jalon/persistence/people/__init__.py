"""Personal data, encrypted under one key per person."""
