"""The portal: where customers manage their subscriptions themselves (P1 to P14)."""
