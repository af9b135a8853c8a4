"""The parts of parse: encodings, entries, dates, and a reader for each form of feed."""
