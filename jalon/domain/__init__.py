"""The pure core of Jalon: standard library only; no clock, no environment, no I/O."""
