"""What a store file may say, as types."""
