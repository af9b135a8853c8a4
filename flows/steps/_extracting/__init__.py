"""The parts of extract: a page's metadata, headline and bylines."""
