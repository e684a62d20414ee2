"""The types of a store file's content."""
