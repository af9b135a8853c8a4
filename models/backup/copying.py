"""Copy every row of an archive from one database into another, whichever kind each of them is."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Column, Connection, Table, bindparam, func, or_, select, text, update

from models.storage.database import BATCH_ROWS, batches, insert_rows
from models.storage.database_errors import storage_errors
from models.tables.schema import METADATA

TABLES: Final = tuple(METADATA.sorted_tables)  # a table stands behind those that it refers to

_Item = TypeVar("_Item")
# On PostgreSQL the counter behind a key knows nothing of rows that brought their keys with them.
_RESET_KEY: Final = "SELECT setval(pg_get_serial_sequence(:name, 'id'), max(id)) FROM {name} HAVING max(id) IS NOT NULL"


class Show(Protocol):
    """Gives items on and lets a person see how far it has come."""

    def __call__(self, items: Iterable[_Item], total: int, what: str) -> Iterator[_Item]:
        """Take the items, how many there are, and what is done with them."""


def count_rows(connection: Connection) -> dict[str, int]:
    """Count the rows of every table."""
    return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def copy_tables(source: Connection, target: Connection, show: Show) -> None:
    """Copy all rows into the empty tables of a target, keys and all. The source is to be one consistent view."""
    total = sum(count_rows(source).values())
    shown = show(_written(source, target), total, "Copying rows")
    for _ in shown:
        continue
    if target.dialect.name == "postgresql":
        for table in TABLES:
            if table.c.get("id") is not None and table.c.id.identity is not None:
                target.execute(text(_RESET_KEY.format(name=table.name)), {"name": table.name})


def _written(source: Connection, target: Connection) -> Iterator[None]:
    """Write table by table; give a sign for every row."""
    for table in TABLES:
        own = [foreign.parent for foreign in table.foreign_keys if foreign.column.table is table]
        # Rows that point to rows of their own table wait for all of them to be there.
        without = {column.name: None for column in own}
        for batch in batches(_rows(source, table)):
            insert_rows(target, table, ({**row, **without} for row in batch) if own else batch)
            yield from (None for _ in batch)
        if own:
            _point(source, target, table, own)


def _rows(source: Connection, table: Table) -> Iterator[Mapping[str, Any]]:
    with storage_errors(source.engine):  # else the trouble of one database would be told of the other
        statement = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=BATCH_ROWS)
        for row in source.execute(statement).mappings():
            yield {str(name): value for name, value in row.items()}


def _point(source: Connection, target: Connection, table: Table, own: Iterable[Column[Any]]) -> None:
    names = [column.name for column in own]
    pointing = select(table.c.id.label("row_id"), *own).where(or_(*(column.is_not(None) for column in own)))
    statement = update(table).where(table.c.id == bindparam("row_id"))
    statement = statement.values({name: bindparam(f"to_{name}") for name in names})
    for batch in batches(source.execute(pointing).mappings()):
        rows = [{"row_id": row["row_id"]} | {f"to_{name}": row[name] for name in names} for row in batch]
        target.execute(statement, rows)
