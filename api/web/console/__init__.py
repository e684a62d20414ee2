"""The console of support, ops and compliance. It reads and writes through the JSON API alone, with the session of whoever looks."""
