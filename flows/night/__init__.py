"""The work of a night itself: one feed, the page queue, the ledger. Knows no Prefect."""
