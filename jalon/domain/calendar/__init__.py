"""Dates, deadlines, durations and periods, in a store's own calendar (G1, G4)."""
