"""Records writes as receipts and sends the receipts to their workflows as updates."""
