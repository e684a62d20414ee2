"""How an entity lives, whatever its kind."""
