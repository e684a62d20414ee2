"""What a policy decides: carts, offers, placements, and the terms that they are frozen on."""
