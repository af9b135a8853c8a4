"""Alembic's scripts: one set for both databases, run by models.migrations.migrate."""
