"""How a write becomes a receipt, and a receipt an update of its workflow."""
