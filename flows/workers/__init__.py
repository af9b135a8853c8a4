"""Killable, memory-limited processes for what touches hostile input."""
