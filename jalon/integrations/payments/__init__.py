"""Payment providers behind one port: all of them give the same answers and raise the same faults."""
