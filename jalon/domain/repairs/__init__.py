"""Repairs in bulk: what a plan says of each entity, what the job does next, and what it reports."""
