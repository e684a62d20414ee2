"""The decisions of a policy on carts, offers and placements, and the terms that it freezes."""
