"""Repairs in bulk: what is known of the selected steps, the plans and repairs themselves, and their items."""
