"""The parts of classify: the matcher and its hits."""
