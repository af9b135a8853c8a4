"""The ledger, read: runs, feeds, nights, sums, and whether they add up."""
