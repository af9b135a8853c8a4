"""Choose the search index of a database."""

from sqlalchemy import Connection, Engine

from models.search.interface import SearchIndex
from models.search.postgres import PostgresSearch
from models.search.sqlite import SqliteSearch


def search_index(database: Engine | Connection) -> SearchIndex:
    """Return the search index of an engine's or a connection's database."""
    return SqliteSearch() if database.dialect.name == "sqlite" else PostgresSearch()
