"""Jalon's side of Temporal: the client, and the codec that encrypts every payload."""
