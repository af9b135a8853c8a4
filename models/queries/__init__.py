"""All reading queries, one module a subject. Each function takes a connection and changes nothing."""
