"""Keys taken from the database ahead of the rows, so that rows which name each other can be written in batches."""

from functools import cache

from sqlalchemy import Connection, Select, Table, func, select, text

from models.tables.conventions import Base


def table_of(model: type[Base]) -> Table:
    """Return a model's table, for Core statements."""
    return model.__table__


def reserve_keys(connection: Connection, table: Table, count: int) -> list[int]:
    """Take the next keys of a table, in ascending order. On SQLite the writer's lock is what keeps them ours."""
    if count == 0:
        return []
    if connection.dialect.name == "sqlite":
        first = (connection.scalar(_highest(table)) or 0) + 1
        return list(range(first, first + count))
    taken = connection.execute(_NEXT_KEYS, {"table": table.name, "count": count})
    return sorted(taken.scalars())


@cache
def _highest(table: Table) -> Select[tuple[int]]:
    return select(func.max(table.c.id))


# The sequence behind an identity column; nextval is called once a generated row.
_NEXT_KEYS = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
