"""Finding stories by their words: one interface, SQLite FTS5 and PostgreSQL behind it."""
