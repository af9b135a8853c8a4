"""The commands about runs: run, rerun, reprocess, reclassify, runs, serve, demo."""
