"""The JSON interface under /v1, one file per subject."""
