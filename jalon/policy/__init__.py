"""Store policies: one TOML file per store, read, checked against carts and frozen for orders."""
