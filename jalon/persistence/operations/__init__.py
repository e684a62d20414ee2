"""What operators work on: keys, clocks, outages, stalled and pending work."""
