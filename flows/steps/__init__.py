"""How: pure stages from bytes to a classified story. They know no Prefect, no settings, no database."""
