"""Jalon but for its workflows, activities, API and templates, which stand beside this package."""
