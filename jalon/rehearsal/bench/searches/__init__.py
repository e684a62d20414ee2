"""`jalon bench search`: how long support's search takes in a database of years, over a mix of what people type."""
