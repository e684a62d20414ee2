"""Store policies: one TOML file for each store. Carts are checked against a policy, and orders freeze their terms from it."""
