"""Jalon without its workflows, activities, API and templates, which are beside this package."""
