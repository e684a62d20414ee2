"""The HTTP interfaces of Jalon: the API under /v1 and the hosted pages."""
