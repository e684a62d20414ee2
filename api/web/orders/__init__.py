"""The pages of an order: where it stands, and its end-use certificate."""
