"""The commands that measure: classify, extract, evaluate."""
