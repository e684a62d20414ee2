"""What people and programs read: from PostgreSQL's projections, never from Temporal."""
