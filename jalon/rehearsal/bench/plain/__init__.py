"""The same steps as an ordinary, careful Temporal application would take them: what the spine is measured against."""
