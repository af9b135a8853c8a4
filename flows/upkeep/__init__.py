"""Work on what is kept: label again, read again, take down, prune; and telling/ those who want to know."""
