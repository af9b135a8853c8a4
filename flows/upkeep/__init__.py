"""Work on what is kept: label again, read again, prune, and tell what needs a person."""
