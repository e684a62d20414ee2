"""The judge: what may never happen in a life, told from what the outside saw and from the pure domain."""
