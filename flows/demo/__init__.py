"""A small news site of our own, played on loopback."""
