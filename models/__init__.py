"""What flows through the archive and what is kept. Knows no Prefect and no settings."""
