"""The database and the raw store: opened, read and written whole or not at all, and their errors in our words."""
