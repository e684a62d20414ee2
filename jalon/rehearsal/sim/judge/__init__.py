"""The judge: rules that no life may break, checked against observations from outside and against the pure domain."""
