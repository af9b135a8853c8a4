"""Search: what answers a query, where in a text, how it can be narrowed, and what to try where nothing does."""
