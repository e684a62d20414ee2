"""Makes reference pages from the code: errors, events and moves."""
