"""What is derived from stories once a run has brought them: the search index, corrections, copies, meaning."""
