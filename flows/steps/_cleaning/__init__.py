"""The parts of clean: characters, the tree, the furniture of pages, text and safe HTML."""
