"""A run: its context, plan and locks, how it is opened, joined and closed. Knows no Prefect."""
