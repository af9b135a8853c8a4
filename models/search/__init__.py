"""Full-text search: one interface, implemented on SQLite FTS5 and on PostgreSQL."""
