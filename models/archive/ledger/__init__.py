"""What is kept of the work: runs and their requests, feeds, documents, changes and the sums of days."""
