"""PostgreSQL: what people search and what accountants need. Sessions hold the only commit."""
