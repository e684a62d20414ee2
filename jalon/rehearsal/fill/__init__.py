"""`jalon db fill` and `jalon db measure`: a database as large as years of business make it, and how long each growing read takes on it."""
