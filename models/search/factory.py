"""Choose the search index of a database."""

from sqlalchemy import Connection, Engine

from models.search.interface import SearchIndex


def search_index(database: Engine | Connection) -> SearchIndex:
    """Return the search index of an engine's or a connection's database."""
    if database.dialect.name == "sqlite":
        from models.search.sqlite import SqliteSearch

        return SqliteSearch()
    from models.search.postgres import PostgresSearch  # loads its dialect, which an archive on SQLite goes without

    return PostgresSearch()
