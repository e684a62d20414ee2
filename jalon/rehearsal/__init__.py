"""Programs that try Jalon out: demo, bench, faults and simulation."""
