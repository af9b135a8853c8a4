"""The parts of dedupe: which story an entry is, whose text it shows, and when a text is a new version."""
