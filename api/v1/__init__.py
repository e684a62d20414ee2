"""The JSON interface under /v1, one folder for each subject."""
