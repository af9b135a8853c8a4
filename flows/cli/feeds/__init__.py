"""The `feeds` commands."""
